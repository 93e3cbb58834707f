use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use crate::function::{Function, is_called};

/// The name of JavaScript's event loop. It is no row of the facade's table: nothing there can block, so nothing starts a runtime.
pub(crate) const NAME: &str = "wasm";

/// Why tests have no event loop.
pub(crate) const NO_TESTS: &str = "a test waits for its end, and a thread that waits stops the event loop: write \
     `#[wasm_bindgen_test]`, whose runner waits instead, and take `anyrt::wasm::Wasm::global()`";

/// Refuses a parameter that has no value in a page.
pub(crate) fn check_parameter(function: &Function) -> syn::Result<()> {
    match function.with_sockets() {
        Some(parameter) => {
            let message = "a page has no sockets: take `rt: impl Runtime` or `rt: impl LocalRuntime`, and bytes from `fetch` \
                           or a `WebSocket`";
            Err(syn::Error::new_spanned(parameter, message))
        }
        None => Ok(()),
    }
}

/// Expands `#[anyrt::main(wasm)]`: the function begins as a task when the module is loaded.
pub(crate) fn main(krate: &Path, span: Span, mut function: Function) -> TokenStream {
    let attributes = std::mem::take(&mut function.item.attrs);
    let visibility = std::mem::replace(&mut function.item.vis, syn::Visibility::Inherited);
    let name = function.name().clone();
    let handle = Ident::new("rt", Span::mixed_site());
    let argument = match function.parameter() {
        Some(parameter) if is_called(parameter, "AnyLocalRuntime") => {
            quote!(#krate::AnyLocalRuntime::new(#handle))
        }
        _ => function.argument(&handle, krate),
    };
    let parameter = function.parameter().map_or(quote!(_), |_| quote!(#handle));
    let inner = &function.item;
    let missing = quote_spanned! {span=>
        ::core::compile_error!(
            "anyrt was compiled without JavaScript's event loop: add its feature `wasm`, and build for \
             `wasm32-unknown-unknown`"
        )
    };
    quote! {
        #(#attributes)*
        #visibility fn #name() {
            #inner
            #krate::__private::if_page! {
                { #krate::__private::main_on_page(|#parameter| #name(#argument)) }
                { #missing }
            }
        }
    }
}
