//! A listing of a crate's public API, made from its sources, so that it reads the same under every toolchain.
//!
//! What counts is what `lib.rs` re-exports, with the public methods and the trait implementations of those types. Bodies,
//! private fields and documentation are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::{ImplItem, Item, UseTree, Visibility};

use crate::workspace;

/// The public API of one crate.
#[derive(Debug, Default)]
pub struct PublicApi {
    entries: BTreeSet<String>,
    /// Where the names used in public signatures come from: the name, and the first segment of its import.
    origins: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl PublicApi {
    /// Reads the sources under `folder`, which is named from the workspace's folder.
    ///
    /// # Panics
    ///
    /// When a source file does not parse.
    pub fn of(folder: &str) -> Self {
        let mut exported = BTreeSet::new();
        let lib = parse(&workspace::read(Path::new(folder).join("lib.rs")));
        for item in &lib {
            if let Item::Use(item) = item {
                if matches!(item.vis, Visibility::Public(_)) {
                    names(&item.tree, &mut |name, _| {
                        exported.insert(name);
                    });
                }
            }
        }
        let mut api = Self::default();
        for path in workspace::files(folder, "rs") {
            let text = std::fs::read_to_string(&path).expect("listed just now");
            for item in parse(&text) {
                api.take(item, &exported);
            }
        }
        api
    }

    /// One line an item, sorted.
    pub fn listing(&self) -> String {
        self.entries
            .iter()
            .map(|entry| format!("{entry}\n"))
            .collect()
    }

    /// The crates, other than std and the crate itself, whose names occur in public signatures.
    pub fn foreign_crates(&self) -> BTreeSet<String> {
        self.used
            .iter()
            .filter_map(|name| self.origins.get(name))
            .filter(|origin| {
                !matches!(
                    origin.as_str(),
                    "std" | "core" | "alloc" | "crate" | "self" | "super"
                )
            })
            .cloned()
            .collect()
    }

    fn take(&mut self, item: Item, exported: &BTreeSet<String>) {
        let is_exported = |name: &syn::Ident| exported.contains(&name.to_string());
        match item {
            // What `lib.rs` re-exports is the crate's own.
            Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => {}
            Item::Use(item) => names(&item.tree, &mut |name, origin| {
                self.origins.insert(name, origin);
            }),
            // What the macro turns into a type with a projection is a type here.
            Item::Macro(item) if item.mac.path.is_ident("pin_project") => {
                for item in parse(&item.mac.tokens.to_string()) {
                    self.take(item, exported);
                }
            }
            Item::Macro(item) if item.ident.as_ref().is_some_and(|name| name == OPTIONS) => {
                for row in option_rows(item.mac.tokens) {
                    self.entries.insert(row);
                }
            }
            Item::Macro(item) if item.mac.path.is_ident(OPTIONS) => {}
            Item::Macro(item) if item.ident.is_some() => {
                for (name, header) in generated_impls(&item.mac.tokens.to_string()) {
                    self.used.insert(name);
                    self.entries
                        .insert(format!("{header} (for every $pointer of `forward!`)"));
                }
            }
            Item::Macro(item) => {
                self.entries.insert(tidy(&item.mac.to_token_stream()));
            }
            Item::Struct(mut item) if is_exported(&item.ident) => {
                keep_promises(&mut item.attrs);
                let hidden = item
                    .fields
                    .iter()
                    .any(|field| !matches!(field.vis, Visibility::Public(_)));
                if hidden {
                    item.fields = syn::Fields::Unit;
                }
                for field in &mut item.fields {
                    field.attrs.clear();
                }
                self.put(item.to_token_stream());
            }
            Item::Enum(mut item) if is_exported(&item.ident) => {
                keep_promises(&mut item.attrs);
                for variant in &mut item.variants {
                    variant.attrs.clear();
                }
                self.put(item.to_token_stream());
            }
            Item::Fn(mut item) if is_exported(&item.sig.ident) => {
                item.attrs.clear();
                let (vis, sig) = (item.vis, item.sig);
                self.put(quote!(#vis #sig;));
            }
            Item::Trait(item) if is_exported(&item.ident) => self.take_trait(item),
            Item::Impl(item) => self.take_impl(item, exported),
            _ => {}
        }
    }

    fn take_trait(&mut self, item: syn::ItemTrait) {
        let name = item.ident.to_string();
        let (vis, ident, generics) = (&item.vis, &item.ident, &item.generics);
        let supertraits = &item.supertraits;
        self.put(quote!(#vis trait #ident #generics: #supertraits));
        for member in item.items {
            match member {
                syn::TraitItem::Fn(mut method) => {
                    method.attrs.clear();
                    let provided = method.default.take().is_some();
                    let sig = method.sig;
                    self.put_member(
                        &name,
                        sig.to_token_stream(),
                        if provided { " [provided]" } else { "" },
                    );
                }
                syn::TraitItem::Type(mut member) => {
                    member.attrs.clear();
                    self.put_member(&name, member.to_token_stream(), "");
                }
                member => self.put_member(&name, member.to_token_stream(), ""),
            }
        }
    }

    fn take_impl(&mut self, item: syn::ItemImpl, exported: &BTreeSet<String>) {
        let owner = type_name(&item.self_ty);
        let generics = &item.generics;
        let (params, clause) = (&generics.params, &generics.where_clause);
        let params = if params.is_empty() {
            quote!()
        } else {
            quote!(<#params>)
        };
        let owner_type = &item.self_ty;
        if let Some((_, path, _)) = &item.trait_ {
            let is_ours = idents(path.to_token_stream()).any(|name| exported.contains(&name));
            if exported.contains(&owner) || is_ours {
                self.put(quote!(impl #params #path for #owner_type #clause));
            }
            return;
        }
        if !exported.contains(&owner) {
            return;
        }
        for member in item.items {
            match member {
                ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => {
                    let sig = method.sig;
                    self.put_member(&owner, quote!(#sig), "");
                }
                ImplItem::Const(member) if matches!(member.vis, Visibility::Public(_)) => {
                    let (ident, ty) = (member.ident, member.ty);
                    self.put_member(&owner, quote!(const #ident: #ty), "");
                }
                _ => {}
            }
        }
    }

    fn put(&mut self, tokens: TokenStream) {
        self.note_used(&tokens);
        self.entries.insert(tidy(&tokens));
    }

    fn put_member(&mut self, owner: &str, tokens: TokenStream, suffix: &str) {
        self.note_used(&tokens);
        self.entries
            .insert(format!("{owner}::{}{suffix}", tidy(&tokens)));
    }

    fn note_used(&mut self, tokens: &TokenStream) {
        self.used.extend(idents(tokens.clone()));
    }
}

/// The macro that holds the table of the options of `Config`.
const OPTIONS: &str = "__config_options";

/// A line for each row of the table of options: what a row becomes is the same for all of them.
fn option_rows(table: TokenStream) -> Vec<String> {
    // The table is the innermost block: of the macro's arm, then of the call that it expands to.
    let block = |tokens: TokenStream| {
        tokens.into_iter().filter_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
            _ => None,
        })
    };
    let Some(rows) = block(table)
        .last()
        .and_then(|arm| block(arm.stream()).last())
    else {
        return Vec::new();
    };
    let mut rows: Vec<_> = rows.stream().into_iter().collect();
    // Documentation comes as attributes.
    let mut is_attribute = false;
    rows.retain(|tree| {
        let is_mark = matches!(tree, TokenTree::Punct(mark) if mark.as_char() == '#');
        let is_left = !is_mark && !is_attribute;
        is_attribute = is_mark;
        is_left
    });
    rows.split(|tree| matches!(tree, TokenTree::Punct(mark) if mark.as_char() == ';'))
        .filter_map(|row| {
            let idents = row.iter().filter_map(|tree| match tree {
                TokenTree::Ident(ident) => Some(ident.to_string()),
                _ => None,
            });
            match &idents.collect::<Vec<_>>()[..] {
                [name, variant, kind] => Some(format!(
                    "Config::{name}, its setter and ConfigOption::{variant} (a {kind} of `options!`)"
                )),
                _ => None,
            }
        })
        .collect()
}

/// Leaves of an item's attributes those that a user of the item can rely on.
fn keep_promises(attributes: &mut Vec<syn::Attribute>) {
    attributes.retain(|attribute| {
        ["derive", "non_exhaustive"]
            .iter()
            .any(|name| attribute.path().is_ident(name))
    });
}

/// All identifiers of a token stream, also those inside brackets.
fn idents(tokens: TokenStream) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let mut streams = vec![tokens];
    while let Some(stream) = streams.pop() {
        for tree in stream {
            match tree {
                TokenTree::Ident(ident) => found.push(ident.to_string()),
                TokenTree::Group(group) => streams.push(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    found.into_iter()
}

fn parse(text: &str) -> Vec<Item> {
    syn::parse_file(text)
        .expect("the workspace's sources parse")
        .items
}

fn names(tree: &UseTree, found: &mut impl FnMut(String, String)) {
    fn walk(tree: &UseTree, first: Option<&str>, found: &mut impl FnMut(String, String)) {
        match tree {
            UseTree::Path(path) => {
                let segment = path.ident.to_string();
                walk(&path.tree, Some(first.unwrap_or(&segment)), found);
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                found(name.clone(), first.unwrap_or(&name).to_owned());
            }
            UseTree::Rename(rename) => {
                found(
                    rename.rename.to_string(),
                    first.unwrap_or_default().to_owned(),
                );
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, first, found)),
            UseTree::Glob(_) => {}
        }
    }
    walk(tree, None, found);
}

/// The last segment of a type's path, through references and pointers' own generics.
fn type_name(ty: &syn::Type) -> String {
    struct First(Option<String>);
    impl<'ast> Visit<'ast> for First {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            if self.0.is_none() {
                self.0 = path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string());
            }
        }
    }
    let mut first = First(None);
    first.visit_type(ty);
    first.0.unwrap_or_default()
}

/// The headers of the implementations that a `macro_rules!` writes, by the trait's name.
fn generated_impls(body: &str) -> Vec<(String, String)> {
    body.split("impl < ")
        .skip(1)
        .filter_map(|rest| rest.split_once('{'))
        .map(|(header, _)| {
            let name = header.split(" > ").nth(1).unwrap_or_default();
            let name = name.split(' ').next().unwrap_or_default().to_owned();
            (name, squeeze(&format!("impl < {header}")))
        })
        .collect()
}

fn tidy(tokens: &impl ToTokens) -> String {
    squeeze(&tokens.to_token_stream().to_string())
}

/// Takes out the blanks that a token stream puts around punctuation.
fn squeeze(text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (from, to) in [
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ::", "::"),
        (":: ", "::"),
        (" :", ":"),
        (" ,", ","),
        (" ;", ";"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("& ", "&"),
        ("' ", "'"),
        (" .", "."),
        ("- >", " ->"),
        ("> {", "> {"),
        (",)", ")"),
        (",>", ">"),
        (" ?", "?"),
        ("$ ", "$"),
        (" !", "!"),
        ("[ ", "["),
        (" ]", "]"),
        ("# [", "#["),
        ("? Sized", "?Sized"),
        ("=(", "= ("),
        ("->", " -> "),
        ("  ", " "),
        ("  ", " "),
        ("where", " where"),
        ("  where", " where"),
        (": ;", ";"),
        ("fn(", "fn("),
        (">where", "> where"),
        ("+?", "+ ?"),
        ("impl<", "impl<"),
        (">for", "> for"),
    ] {
        text = text.replace(from, to);
    }
    text.trim_end_matches([',', ';', ' ', ':']).to_owned()
}
