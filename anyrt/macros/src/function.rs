use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, ItemFn, Path, ReturnType, Type, TypeParamBound};

use crate::options::Errors;

/// A trait, or a type without one of its own, for runtimes whose tasks go to other threads, and what a local runtime has instead.
#[derive(Clone, Copy)]
pub(crate) struct SharedTrait {
    pub(crate) name: &'static str,
    pub(crate) instead: &'static str,
}

const SHARED_TRAITS: &[SharedTrait] = &[
    SharedTrait {
        name: "Runtime",
        instead: "LocalRuntime",
    },
    SharedTrait {
        name: "NetRuntime",
        instead: "LocalRuntime + LocalNet",
    },
    SharedTrait {
        name: "Spawn",
        instead: "SpawnLocal",
    },
    SharedTrait {
        name: "Net",
        instead: "LocalNet",
    },
    SharedTrait {
        name: "AnyNet",
        instead: "LocalRuntime + LocalNet",
    },
];

/// The function under the attribute: an `async fn` of at most one parameter, and nothing else.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
}

impl Function {
    /// Parses and checks the function under `#[anyrt::attribute]`.
    pub(crate) fn parse(item: TokenStream, attribute: &'static str) -> syn::Result<Self> {
        let here = format!("`#[anyrt::{attribute}]`");
        let item: ItemFn = syn::parse2(item).map_err(|error| {
            syn::Error::new(
                error.span(),
                format!("{here} goes on an `async fn`: {error}"),
            )
        })?;
        let mut errors = Errors(None);
        let mut refuse = |span, message: String| errors.add(syn::Error::new(span, message));
        for other in &item.attrs {
            if let Some(message) = second(other, attribute, &here) {
                refuse(other.span(), message);
            }
        }
        let signature = &item.sig;
        if signature.asyncness.is_none() {
            let message = format!("{here} goes on an `async fn`: write `async` before `fn`");
            refuse(signature.fn_token.span, message);
        }
        let generics = &signature.generics;
        if !generics.params.is_empty() {
            let message =
                format!("{here} takes no generic function: nobody would say for which type");
            refuse(generics.params.span(), message);
        } else if let Some(clause) = &generics.where_clause {
            refuse(clause.span(), format!("{here} takes no `where` clause"));
        }
        if let Some(unsafety) = &signature.unsafety {
            refuse(
                unsafety.span(),
                format!("{here} takes no `unsafe` function"),
            );
        }
        if let Some(constness) = &signature.constness {
            refuse(
                constness.span(),
                format!("{here} takes no `const` function"),
            );
        }
        if let Some(abi) = &signature.abi {
            refuse(abi.span(), format!("{here} takes no `extern` function"));
        }
        for (index, input) in signature.inputs.iter().enumerate() {
            let message = match (index, input) {
                (_, FnArg::Receiver(_)) => format!("{here} takes no method"),
                (0, FnArg::Typed(_)) => continue,
                (_, FnArg::Typed(_)) => format!(
                    "{here} passes one parameter at most, the handle of the runtime, \
                     as in `rt: impl Runtime`"
                ),
            };
            refuse(input.span(), message);
        }
        errors.finish(Self { item })
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.item.sig.ident
    }

    /// The type of the parameter, if there is one.
    pub(crate) fn parameter(&self) -> Option<&Type> {
        match self.item.sig.inputs.first()? {
            FnArg::Typed(parameter) => Some(&parameter.ty),
            FnArg::Receiver(_) => None,
        }
    }

    /// What is passed to the function, made from `handle`, a handle of the runtime's own type.
    pub(crate) fn argument(&self, handle: &Ident, krate: &Path) -> TokenStream {
        match self.parameter() {
            None => quote!(),
            Some(parameter) if is_called(parameter, "AnyRuntime") => {
                quote!(#krate::AnyRuntime::new(#handle))
            }
            Some(_) if self.takes_any_net() => quote!(#krate::net::AnyNet::new(#handle)),
            Some(_) => quote!(#handle),
        }
    }

    /// Tells whether the parameter is a runtime with sockets and without a type.
    pub(crate) fn takes_any_net(&self) -> bool {
        self.parameter()
            .is_some_and(|parameter| is_called(parameter, "AnyNet"))
    }

    /// The trait that the parameter asks for and that no local runtime has.
    pub(crate) fn shared_trait(&self) -> Option<SharedTrait> {
        let parameter = self.parameter()?;
        let asked = |shared: &&SharedTrait| match parameter {
            Type::ImplTrait(handle) => handle.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(bound) => {
                    let last = bound.path.segments.last();
                    last.is_some_and(|it| it.ident == shared.name)
                }
                _ => false,
            }),
            // A type of this name may be a caller's own, but for ours.
            _ => shared.name == "AnyNet" && self.takes_any_net(),
        };
        SHARED_TRAITS.iter().find(asked).copied()
    }

    /// The parameter, if its type says that it has sockets.
    pub(crate) fn with_sockets(&self) -> Option<&Type> {
        const TRAITS: [&str; 8] = [
            "LocalNet",
            "Net",
            "NetRuntime",
            "OsNet",
            "Resolve",
            "Tcp",
            "Udp",
            "Unix",
        ];
        let parameter = self.parameter()?;
        let asks = match parameter {
            Type::ImplTrait(handle) => handle.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(bound) => {
                    let last = bound.path.segments.last();
                    last.is_some_and(|it| TRAITS.iter().any(|name| it.ident == name))
                }
                _ => false,
            }),
            _ => self.takes_any_net(),
        };
        asks.then_some(parameter)
    }

    pub(crate) fn returns_nothing(&self) -> bool {
        match &self.item.sig.output {
            ReturnType::Default => true,
            ReturnType::Type(_, kind) => match &**kind {
                Type::Tuple(tuple) => tuple.elems.is_empty(),
                _ => false,
            },
        }
    }

    /// Takes the attributes that `wanted` says, and leaves the others on the function.
    pub(crate) fn take_attributes(&mut self, wanted: &[&str]) -> Vec<Attribute> {
        let is_wanted =
            |attribute: &Attribute| wanted.iter().any(|name| attribute.path().is_ident(name));
        let attributes = std::mem::take(&mut self.item.attrs);
        let (taken, left) = attributes.into_iter().partition(is_wanted);
        self.item.attrs = left;
        taken
    }
}

/// What to say of an attribute on the same function that also starts a runtime or makes a test.
fn second(other: &Attribute, attribute: &str, here: &str) -> Option<String> {
    let path = other.path();
    let last = path.segments.last()?;
    if last.ident != attribute {
        return None;
    }
    let segments = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    let written = segments.collect::<Vec<_>>().join("::");
    Some(match format!("`#[{written}]`") {
        same if same == here => format!("{here} is given twice: remove one"),
        other => format!("{other} beside {here}: remove one of the two"),
    })
}

/// Tells whether the type is spelled `name`, with or without a path: a macro sees no more of it.
pub(crate) fn is_called(parameter: &Type, name: &str) -> bool {
    match parameter {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == name),
        _ => false,
    }
}
