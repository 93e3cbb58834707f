use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Path, Type};

use crate::function::{Function, is_called};
use crate::options::Given;

/// A runtime that the arguments can name: a row of the facade's table.
#[derive(Clone)]
pub(crate) struct Backend {
    /// The name in arguments and paths.
    pub(crate) name: String,
    /// The cargo feature of the facade.
    pub(crate) feature: String,
    /// The one that adds its sockets.
    pub(crate) sockets: String,
    /// Its tasks all stay on one thread, so that everything about it is local without the word.
    pub(crate) is_local: bool,
    /// The options that a program's runtime honours, with a flavour as an option of its own.
    owned: Vec<String>,
    /// The same of the one for roots that are not `Send`.
    local: Vec<String>,
    /// A test is run once for each of many seeds, and not once.
    pub(crate) runs_seeds: bool,
}

impl Backend {
    /// Reads the rows of the facade's table.
    pub(crate) fn rows(table: TokenStream) -> Vec<Self> {
        let mut rows = vec![Vec::new()];
        for tree in table {
            match &tree {
                TokenTree::Punct(mark) if mark.as_char() == ';' => rows.push(Vec::new()),
                _ => rows.last_mut().expect("it is never empty").push(tree),
            }
        }
        rows.iter().filter_map(|row| Self::row(row)).collect()
    }

    fn row(row: &[TokenTree]) -> Option<Self> {
        let is_literal = |tree: &TokenTree| matches!(tree, TokenTree::Literal(_));
        // The documentation comes before the feature.
        let start = row.iter().position(is_literal)?;
        let literal = |index: usize| {
            let text = row.get(index).filter(|tree| is_literal(tree))?.to_string();
            Some(text.trim_matches('"').to_owned())
        };
        let (feature, sockets) = (literal(start)?, literal(start + 1)?);
        let name = row.get(start + 2)?.to_string();
        let colon = row.iter().position(|tree| tree.to_string() == ":")?;
        let is_local = row.get(colon + 1)?.to_string() == "local";
        let mut lists = row[start..].iter().filter_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                Some(group.stream().into_iter().map(|tree| tree.to_string()))
            }
            _ => None,
        });
        let is_seeds = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if word == "seeds");
        Some(Self {
            runs_seeds: row[start..].iter().any(is_seeds),
            name,
            feature,
            sockets,
            is_local,
            owned: lists.next()?.collect(),
            local: lists.next()?.collect(),
        })
    }

    /// The first of `given` that its runtime does not honour.
    pub(crate) fn lacks<'a>(&self, given: &'a [Given], local: bool) -> Option<&'a Given> {
        let honoured = if local || self.is_local {
            &self.local
        } else {
            &self.owned
        };
        given
            .iter()
            .find(|option| !option.is_wish && !honoured.contains(&option.key))
    }

    /// Refuses a parameter that has no value where all tasks are local.
    pub(crate) fn check_parameter(&self, function: &Function) -> syn::Result<()> {
        match function.parameter() {
            Some(parameter) if self.is_local && is_called(parameter, "AnyRuntime") => {
                let message = format!(
                    "{} has local tasks alone, and no `AnyRuntime`: take `rt: impl LocalRuntime`, or its own \
                     `anyrt::{}::LocalHandle`",
                    self.feature, self.name,
                );
                Err(syn::Error::new_spanned(parameter, message))
            }
            Some(parameter) if self.is_local => match function.shared_trait() {
                Some(bound) => {
                    let (name, instead) = (bound.name, bound.instead);
                    let message = format!(
                        "{feature} has local tasks alone, and its handle is no `{name}`: take `rt: impl {instead}`, or its own \
                         `anyrt::{module}::LocalHandle`",
                        feature = self.feature,
                        module = self.name,
                    );
                    Err(syn::Error::new_spanned(parameter, message))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Tells whether tests can poll on their own thread.
    pub(crate) fn has_current_thread(&self) -> bool {
        self.owned.iter().any(|option| option == "current_thread")
    }

    pub(crate) fn ident(&self) -> Ident {
        Ident::new(&self.name, Span::call_site())
    }

    /// `present` where the facade has this backend, and `absent` otherwise.
    pub(crate) fn if_compiled(
        &self,
        krate: &Path,
        present: TokenStream,
        absent: TokenStream,
    ) -> TokenStream {
        let name = self.ident();
        quote! {
            #krate::__private::#name::if_compiled! { { #present } { #absent } }
        }
    }

    /// `present` where the facade has the sockets of this backend, and `absent` otherwise.
    pub(crate) fn if_sockets(
        &self,
        krate: &Path,
        present: TokenStream,
        absent: TokenStream,
    ) -> TokenStream {
        let name = self.ident();
        quote! {
            #krate::__private::#name::if_sockets! { { #present } { #absent } }
        }
    }

    /// The error at the parameter of a function that asks for sockets which are not compiled in.
    pub(crate) fn no_sockets(&self, parameter: &Type) -> TokenStream {
        let message = format!(
            "anyrt was compiled without the sockets of {}: add its feature `{}`",
            self.feature, self.sockets
        );
        syn::Error::new_spanned(parameter, message).into_compile_error()
    }

    /// `absent` where the facade has none of `all`.
    pub(crate) fn if_none(krate: &Path, all: &[Self], absent: TokenStream) -> TokenStream {
        all.iter().rfold(absent, |absent, backend| {
            backend.if_compiled(krate, quote!(), absent)
        })
    }
}

/// The names of `backends` as a sentence lists them.
pub(crate) fn list(backends: &[Backend]) -> String {
    let names = backends.iter().map(|backend| format!("`{}`", backend.name));
    names.collect::<Vec<_>>().join(", ")
}
