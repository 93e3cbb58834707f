use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{ReturnType, Type};

use crate::backend::Backend;
use crate::function::Function;
use crate::options::Options;
use crate::page;

const ATTRIBUTE: &str = "main";

/// Expands `#[anyrt::main(…)]`, where `all` are the runtimes that the facade knows.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream, all: &[Backend]) -> TokenStream {
    let function = match Function::parse(item.clone(), ATTRIBUTE) {
        Ok(function) => function,
        Err(error) => return with_stand_in(error, &item),
    };
    let expanded = Options::parse(arguments, ATTRIBUTE, all)
        .and_then(|options| check(&options, &function).map(|()| options))
        .map(|options| match options.page {
            Some(span) => page::main(&options.krate, span, function),
            None => program(&options, function, all),
        });
    expanded.unwrap_or_else(|error| with_stand_in(error, &item))
}

fn check(options: &Options, function: &Function) -> syn::Result<()> {
    if let Some((_, span)) = options.backends.get(1) {
        let message = "a program runs on one runtime: name one, or none to leave it to \
                       `ANYRT_RUNTIME`";
        return Err(syn::Error::new(*span, message));
    }
    if let [(backend, _)] = options.backends.as_slice() {
        backend.check_parameter(function)?;
    }
    if options.page.is_some() {
        page::check_parameter(function)?;
    }
    match function.parameter() {
        Some(parameter)
            if options.local && options.page.is_none() && options.backends.is_empty() =>
        {
            let message = "handles of local runtimes differ in type: name the runtime as well, \
                           as in `#[anyrt::main(tokio, local)]`";
            Err(syn::Error::new_spanned(parameter, message))
        }
        _ => Ok(()),
    }
}

fn program(options: &Options, mut function: Function, all: &[Backend]) -> TokenStream {
    let krate = &options.krate;
    let (config, settings) = (options.config(), options.settings());
    let name = function.name().clone();
    let handle = Ident::new("rt", Span::mixed_site());
    // Attributes such as `cfg` and `allow` are for the whole of it; so is the visibility.
    let attributes = std::mem::take(&mut function.item.attrs);
    let visibility = std::mem::replace(&mut function.item.vis, syn::Visibility::Inherited);
    let output = function.item.sig.output.clone();

    // `main` reports its result where it is made, so that an error need not be `Send`.
    let is_main = name == "main";
    let report = |call: TokenStream| match is_main {
        true => quote!(::std::process::Termination::report(#call.await)),
        false => quote!(#call.await),
    };
    let output = match is_main {
        true => quote!(-> ::std::process::ExitCode),
        false => quote!(#output),
    };
    let call = |argument: TokenStream| {
        let report = report(quote!(#name(#argument)));
        let parameter = function.parameter().map_or(quote!(_), |_| quote!(#handle));
        quote!(|#parameter| async move { #report })
    };

    // A program that does not start says why and ends; another function can only panic.
    let end = format_ident!("{}", if is_main { "exit" } else { "or_panic" });
    let start = match options.backends.first() {
        None => {
            let argument = match function.parameter() {
                None => quote!(),
                Some(_) => quote!(#handle),
            };
            let root = call(argument);
            let takes_any_net = function.takes_any_net();
            let entry = match (options.local, takes_any_net) {
                (true, _) => "main_local",
                (false, true) => "main_net",
                (false, false) => "main",
            };
            let entry = Ident::new(entry, Span::call_site());
            let missing = quote! {
                ::core::compile_error!(
                    "anyrt was compiled without a runtime: add one of its features `tokio`, `smol`, `async-std` and `compio`"
                )
            };
            let started = quote! {
                #krate::__private::#end(#krate::__private::#entry(#config, #settings, #root))
            };
            let started = match takes_any_net {
                true => quote! {
                    #krate::__private::if_net! { { #started } {
                        ::core::compile_error!(
                            "anyrt was compiled without sockets: add its feature `tokio-net`, or the one of another runtime"
                        )
                    } }
                },
                false => started,
            };
            let fits = |backend: &&Backend| options.local || !backend.is_local;
            // Only one that does not fit is compiled in.
            let unfit = all.iter().filter(|it| !fits(it));
            let missing = unfit.rfold(missing, |absent, backend| {
                let message = format!(
                    "{feature} has local tasks alone, and anyrt was compiled with no other runtime: \
                     write `#[anyrt::main({name})]`",
                    feature = backend.feature,
                    name = backend.name,
                );
                backend.if_compiled(krate, quote!(::core::compile_error!(#message)), absent)
            });
            all.iter().filter(fits).rfold(missing, |absent, backend| {
                backend.if_compiled(krate, started.clone(), absent)
            })
        }
        Some((backend, span)) => {
            let module = backend.ident();
            let root = call(function.argument(&handle, krate));
            let local = options.local || backend.is_local;
            let entry = format_ident!("main_on{}", if local { "_local" } else { "" });
            let missing = format!(
                "anyrt was compiled without `{feature}`: add its feature `{feature}`, or name another runtime",
                feature = backend.feature
            );
            let missing = quote::quote_spanned!(*span=> ::core::compile_error!(#missing));
            let started = quote! {
                #krate::__private::#end(#krate::__private::#entry(
                    #krate::__private::#module::Compiled, #config, #settings, #root
                ))
            };
            let started = match function.with_sockets() {
                Some(parameter) => {
                    backend.if_sockets(krate, started, backend.no_sockets(parameter))
                }
                None => started,
            };
            backend.if_compiled(krate, started, missing)
        }
    };
    // `async fn main() -> !` has nothing to report.
    let allow = match &function.item.sig.output {
        ReturnType::Type(_, output) if matches!(**output, Type::Never(_)) => {
            quote!(#[allow(unreachable_code, reason = "the function never returns")])
        }
        _ => quote!(),
    };
    let inner = &function.item;
    quote! {
        #(#attributes)*
        #allow
        #visibility fn #name() #output {
            #inner
            #start
        }
    }
}

/// Adds an empty `main` to an error, so that the error is the only one.
fn with_stand_in(error: syn::Error, item: &TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    let mut tokens = item.clone().into_iter();
    let is_main = tokens.any(|token| token.to_string() == "fn")
        && tokens
            .next()
            .is_some_and(|token| token.to_string() == "main");
    match is_main {
        true => quote!(#error fn main() {}),
        false => error,
    }
}
