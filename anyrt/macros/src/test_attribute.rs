use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::backend::{Backend, list};
use crate::function::Function;
use crate::options::Options;

const ATTRIBUTE: &str = "test";

/// Expands `#[anyrt::test(…)]`, where `all` are the runtimes that the facade knows.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream, all: &[Backend]) -> TokenStream {
    let expanded = Function::parse(item, ATTRIBUTE).and_then(|function| {
        let options = Options::parse(arguments, ATTRIBUTE, all)?;
        check(&options, &function)?;
        Ok(tests(&options, function, all))
    });
    expanded.unwrap_or_else(syn::Error::into_compile_error)
}

fn check(options: &Options, function: &Function) -> syn::Result<()> {
    for (backend, span) in &options.backends {
        let beside_shared = options.backends.iter().any(|(other, _)| !other.is_local);
        if backend.is_local && beside_shared && !options.local && function.parameter().is_some() {
            let message = format!(
                "{} has local tasks alone: add `local`, and take `rt: impl LocalRuntime`",
                backend.feature
            );
            return Err(syn::Error::new(*span, message));
        }
        backend.check_parameter(function)?;
    }
    if !options.fails_for_unheard_panics || function.parameter().is_some() {
        return Ok(());
    }
    let local = options.backends.iter().any(|(backend, _)| backend.is_local);
    let runtime = match options.local || local {
        true => "LocalRuntime",
        false => "Runtime",
    };
    let message = format!(
        "`unheard_panics` watches the tasks of the handle that it passes: take one, as in `rt: impl {runtime}`"
    );
    Err(syn::Error::new(function.name().span(), message))
}

fn tests(options: &Options, mut function: Function, all: &[Backend]) -> TokenStream {
    let krate = &options.krate;
    let name = function.name().clone();
    let for_tests = function.take_attributes(&["should_panic", "ignore", "cfg_attr"]);
    let conditions = function.take_attributes(&["cfg"]);
    let backends: Vec<_> = match options.backends.as_slice() {
        // What lacks an option is left out, and what has no shared tasks where the test does not say `local`.
        [] => all
            .iter()
            .filter(|backend| options.local || !backend.is_local)
            .filter(|backend| backend.lacks(&options.given, options.local).is_none())
            .cloned()
            .collect(),
        named => named.iter().map(|(backend, _)| backend.clone()).collect(),
    };
    let nothing = Backend::if_none(
        krate,
        all,
        quote! {
            ::core::compile_error!(
                "anyrt was compiled without a runtime: add one of its features `tokio`, `smol`, `async-std` and `compio`"
            );
        },
    );
    let left_out = match &options.given[..] {
        [first, ..] if options.backends.is_empty() && backends.len() < all.len() => {
            let given: Vec<_> = options
                .given
                .iter()
                .map(|option| option.written())
                .collect();
            let message = format!(
                "no runtime that anyrt was compiled with has `{}`: add one of {}, or leave the option out",
                given.join("` and `"),
                list(&backends),
            );
            let message = quote_spanned!(first.span=> ::core::compile_error!(#message););
            let missing = Backend::if_none(krate, &backends, message);
            // Without any runtime at all, the other message is enough.
            all.iter().rfold(quote!(), |absent, backend| {
                backend.if_compiled(krate, missing.clone(), absent)
            })
        }
        _ => quote!(),
    };
    // No runtime that is left has sockets.
    let no_sockets = match function.with_sockets() {
        Some(parameter) if options.backends.is_empty() => {
            let message = "anyrt was compiled without sockets: add its feature `tokio-net`, or the one of another runtime";
            let message = syn::Error::new_spanned(parameter, message).into_compile_error();
            let missing = backends.iter().rfold(message, |absent, backend| {
                backend.if_sockets(krate, quote!(), absent)
            });
            all.iter().rfold(quote!(), |absent, backend| {
                backend.if_compiled(krate, missing.clone(), absent)
            })
        }
        _ => quote!(),
    };
    let tests = backends
        .iter()
        .map(|backend| test(backend, options, &function, &for_tests));
    let inner = &function.item;
    // The function stays where it was written and sees what it saw; the module holds nothing but the tests' names.
    quote! {
        #(#conditions)*
        #[cfg(test)]
        #[allow(dead_code, reason = "its tests exist for the runtimes that are compiled in")]
        #inner

        #(#conditions)*
        #[cfg(test)]
        mod #name {
            #nothing
            #left_out
            #no_sockets
            #(#tests)*
        }
    }
}

fn test(
    backend: &Backend,
    options: &Options,
    function: &Function,
    attributes: &[syn::Attribute],
) -> TokenStream {
    let krate = &options.krate;
    let (config, settings) = (options.config(), options.settings());
    let local = options.local || backend.is_local;
    // A test needs one thread, unless it says otherwise.
    let threads = match (
        options.says_threads() || local,
        backend.has_current_thread(),
    ) {
        (true, _) => quote!(),
        (false, true) => quote!(.flavor(#krate::Flavor::CurrentThread)),
        (false, false) => quote!(.worker_threads_hint(1)),
    };
    let module = backend.ident();
    let name = function.name();
    let handle = Ident::new("rt", Span::mixed_site());
    let argument = function.argument(&handle, krate);
    let parameter = function.parameter().map_or(quote!(_), |_| quote!(#handle));
    let root = match backend.runs_seeds && !function.returns_nothing() {
        // Each seed's report names its error.
        true => quote! {
            |#parameter| async move {
                #[allow(unused_imports, reason = "the type of what the test returns decides which is used")]
                use #krate::__private::#module::{ByCode as _, ByError as _, Returned};
                (&Returned::new(super::#name(#argument).await)).told()
            }
        },
        false => quote!(|#parameter| super::#name(#argument)),
    };
    let entry = match (local, options.fails_for_unheard_panics) {
        (true, true) => "test_local_watched",
        (true, false) => "test_local",
        (false, true) => "test_watched",
        (false, false) => "test",
    };
    let entry = Ident::new(entry, Span::call_site());
    // `should_panic` wants a function that says nothing about what it returns.
    let output = match function.returns_nothing() {
        true => quote!(),
        false => quote!(-> impl ::std::process::Termination),
    };
    let test = quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        fn #module() #output {
            #krate::__private::#module::#entry(
                #krate::__private::#module::Compiled, #config #threads, #settings, #root
            )
        }
    };
    let test = match function.with_sockets() {
        Some(parameter) => {
            let absent = match options.backends.is_empty() {
                true => quote!(),
                false => backend.no_sockets(parameter),
            };
            backend.if_sockets(krate, test, absent)
        }
        None => test,
    };
    backend.if_compiled(krate, test, quote!())
}
