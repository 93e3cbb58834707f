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
    /// The macros that define types, by name: the headers of what they write for each.
    definitions: BTreeMap<String, Vec<Member>>,
}

/// What a macro writes for each type that it defines.
#[derive(Debug)]
enum Member {
    /// A public method: its signature.
    Method(TokenStream),
    /// An implementation: its header, in which a metavariable stands for the type.
    Impl(String),
}

/// A public function or method, as a caller finds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// The type or the trait; empty for a function.
    pub owner: String,
    /// Its name.
    pub name: String,
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
        let mut files = Vec::new();
        for path in workspace::files(folder, "rs") {
            let text = std::fs::read_to_string(&path).expect("listed just now");
            files.push(parse(&text));
        }
        for item in files.iter().flatten() {
            api.note_definition(item);
        }
        for item in files.into_iter().flatten() {
            api.take(item, &exported);
        }
        api
    }

    /// Every public function and method, in the order of the listing.
    pub fn operations(&self) -> BTreeSet<Operation> {
        let entries = self.entries.iter().map(String::as_str);
        entries.filter_map(operation).collect()
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
            Item::Macro(item)
                if item
                    .ident
                    .as_ref()
                    .is_some_and(|name| self.definitions.contains_key(&name.to_string())) => {}
            Item::Macro(item) if self.definitions.contains_key(&name_of_macro(&item)) => {
                self.take_defined(&name_of_macro(&item), item.mac.tokens, exported);
            }
            Item::Macro(item) if item.ident.is_some() => {
                for (name, header) in generated_impls(&item.mac.tokens.to_string()) {
                    self.used.insert(name);
                    self.entries
                        .insert(format!("{header} (for every $pointer of `forward!`)"));
                }
            }
            // A static, which is private.
            Item::Macro(item) if item.mac.path.is_ident("thread_local") => {}
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

    /// Notes what a macro writes that defines types with public methods.
    fn note_definition(&mut self, item: &Item) {
        let Item::Macro(syn::ItemMacro {
            ident: Some(name),
            mac,
            ..
        }) = item
        else {
            return;
        };
        let methods = public_methods(mac.tokens.clone());
        if methods.is_empty() || name == OPTIONS {
            return;
        }
        let impls = generated_impls(&mac.tokens.to_string());
        let impls = impls.into_iter().map(|(_, header)| header);
        let impls = impls.filter(|header| header.contains(" for "));
        let members = methods.into_iter().map(Member::Method);
        let members = members.chain(impls.map(Member::Impl));
        self.definitions.insert(name.to_string(), members.collect());
    }

    /// Lists the type that a call of the macro `definition` defines.
    fn take_defined(&mut self, definition: &str, call: TokenStream, exported: &BTreeSet<String>) {
        let mut trees = call.into_iter();
        let is_struct = |tree: &TokenTree| matches!(tree, TokenTree::Ident(it) if it == "struct");
        trees.find(is_struct);
        let Some(TokenTree::Ident(owner)) = trees.next() else {
            return;
        };
        let owner = owner.to_string();
        if !exported.contains(&owner) {
            return;
        }
        self.entries
            .insert(format!("pub struct {owner} (of `{definition}!`)"));
        let members = self
            .definitions
            .remove(definition)
            .expect("looked up just now");
        for member in &members {
            match member {
                Member::Method(signature) => self.put_member(&owner, signature.clone(), ""),
                Member::Impl(header) => {
                    let before = header.rsplit_once(" for $").map(|(before, rest)| {
                        let rest =
                            rest.trim_start_matches(|it: char| it.is_alphanumeric() || it == '_');
                        format!("{before} for {owner}{rest}")
                    });
                    self.entries.extend(before);
                }
            }
        }
        self.definitions.insert(definition.to_owned(), members);
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

/// The public function or method of an entry, if it is one.
fn operation(entry: &str) -> Option<Operation> {
    let (head, options) = match entry.split_once(", its setter and ") {
        Some((head, _)) => (head, true),
        None => (entry, false),
    };
    if options {
        let (owner, name) = head.split_once("::")?;
        return Some(Operation {
            owner: owner.to_owned(),
            name: name.to_owned(),
        });
    }
    let (before, after) = entry.split_once("fn ")?;
    let owner = match before
        .trim_end()
        .trim_end_matches(" const")
        .trim_end_matches("const")
    {
        "pub" => "",
        owner => owner.strip_suffix("::")?,
    };
    let is_name = |it: char| it.is_alphanumeric() || it == '_';
    if !owner.chars().all(is_name) {
        return None;
    }
    let name = after.split(|it: char| !is_name(it)).next()?;
    Some(Operation {
        owner: owner.to_owned(),
        name: name.to_owned(),
    })
}

/// The signatures of the public functions and methods in a macro's body.
fn public_methods(tokens: TokenStream) -> Vec<TokenStream> {
    let trees: Vec<_> = tokens.into_iter().collect();
    let is = |tree: Option<&TokenTree>, word: &str| matches!(tree, Some(TokenTree::Ident(it)) if it == word);
    let mut found = Vec::new();
    for (index, tree) in trees.iter().enumerate() {
        if let TokenTree::Group(group) = tree {
            found.extend(public_methods(group.stream()));
        }
        // `pub(crate)` has a group behind it.
        let is_method = is(Some(tree), "pub")
            && (is(trees.get(index + 1), "fn")
                || is(trees.get(index + 1), "const") && is(trees.get(index + 2), "fn"));
        if is_method {
            let is_body = |tree: &&TokenTree| matches!(tree, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace);
            let signature = trees[index + 1..].iter().take_while(|it| !is_body(it));
            found.push(signature.cloned().collect());
        }
    }
    found
}

/// The name of the macro that an item calls.
fn name_of_macro(item: &syn::ItemMacro) -> String {
    let last = item.mac.path.segments.last();
    last.map(|it| it.ident.to_string()).unwrap_or_default()
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
