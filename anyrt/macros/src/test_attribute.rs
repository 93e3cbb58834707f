use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::backend::Backend;
use crate::function::Function;
use crate::options::Options;

const ATTRIBUTE: &str = "test";

/// Expands `#[anyrt::test(…)]`.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let expanded = Function::parse(item, ATTRIBUTE)
        .and_then(|function| Ok(tests(&Options::parse(arguments, ATTRIBUTE)?, function)));
    expanded.unwrap_or_else(syn::Error::into_compile_error)
}

fn tests(options: &Options, mut function: Function) -> TokenStream {
    let krate = &options.krate;
    let name = function.name().clone();
    let for_tests = function.take_attributes(&["should_panic", "ignore", "cfg_attr"]);
    let conditions = function.take_attributes(&["cfg"]);
    let backends: Vec<_> = match options.backends.as_slice() {
        [] => Backend::ALL.to_vec(),
        named => named.iter().map(|(backend, _)| *backend).collect(),
    };
    let tests = backends
        .into_iter()
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
            #krate::__private::if_any! {
                {}
                { ::core::compile_error!(
                    "anyrt was compiled without a runtime: add one of its features `tokio`, `smol` and `async-std`"
                ); }
            }
            #(#tests)*
        }
    }
}

fn test(
    backend: Backend,
    options: &Options,
    function: &Function,
    attributes: &[syn::Attribute],
) -> TokenStream {
    let krate = &options.krate;
    let config = options.config();
    let condition = backend.condition();
    let module = backend.ident();
    let name = function.name();
    let handle = Ident::new("rt", Span::mixed_site());
    let argument = function.argument(&handle, krate);
    let parameter = function.parameter().map_or(quote!(_), |_| quote!(#handle));
    let root = quote!(|#parameter| super::#name(#argument));
    let call = match (backend, options.local) {
        // Called once for each seed.
        (Backend::Sim, _) => quote!(#module::test(#config, #root)),
        (_, local) => {
            let entry = if local { "test_local" } else { "test" };
            let entry = Ident::new(entry, Span::call_site());
            quote!(#entry(#krate::__private::#module::Compiled, #config, #root))
        }
    };
    // `should_panic` wants a function that says nothing about what it returns.
    let output = match function.returns_nothing() {
        true => quote!(),
        false => quote!(-> impl ::std::process::Termination),
    };
    quote! {
        #krate::__private::#condition! {
            {
                #[::core::prelude::v1::test]
                #(#attributes)*
                fn #module() #output {
                    #krate::__private::#call
                }
            }
            {}
        }
    }
}
