use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token};

use crate::backend::Backend;
use crate::config::{ConfigOption, Setter};

/// The arguments of either attribute.
pub(crate) struct Options {
    /// Where the facade is.
    pub(crate) krate: Path,
    /// The runtimes that were named, with the places where.
    pub(crate) backends: Vec<(Backend, Span)>,
    pub(crate) local: bool,
    config: Vec<Setter>,
}

impl Options {
    /// Parses the arguments of `#[anyrt::attribute(…)]`.
    pub(crate) fn parse(arguments: TokenStream, attribute: &'static str) -> syn::Result<Self> {
        let arguments = (|input: ParseStream<'_>| Argument::parse_all(input)).parse2(arguments)?;
        let mut options = Self {
            krate: default_crate(),
            backends: Vec::new(),
            local: false,
            config: Vec::new(),
        };
        let mut seen = Vec::<String>::new();
        let mut errors = Errors(None);
        // The facade's path first: the values of other options are spelled with it.
        let (krate, others): (Vec<_>, Vec<_>) = arguments
            .into_iter()
            .partition(|argument| argument.name == "crate");
        for argument in krate.into_iter().chain(others) {
            let name = argument.name.unraw().to_string();
            if seen.contains(&name) {
                let message = format!("`{name}` is given twice");
                errors.add(syn::Error::new(argument.name.span(), message));
                continue;
            }
            if let Err(error) = options.take(&name, argument, attribute) {
                errors.add(error);
            }
            seen.push(name);
        }
        errors.finish(options)
    }

    /// The expression that makes the `Config`.
    pub(crate) fn config(&self) -> TokenStream {
        let krate = &self.krate;
        let setters = self.config.iter().map(|Setter(setter)| setter);
        quote!(#krate::Config::new() #(#setters)*)
    }

    fn take(&mut self, name: &str, argument: Argument, attribute: &'static str) -> syn::Result<()> {
        let span = argument.name.span();
        if let Some(backend) = Backend::from_name(name) {
            argument.no_value()?;
            self.backends.push((backend, span));
        } else if name == "local" {
            argument.no_value()?;
            self.local = true;
        } else if name == "crate" {
            let path = "`crate` takes a path in a string, as in `crate = \"path::to::anyrt\"`";
            let error = |span| syn::Error::new(span, path);
            let value = argument.value.ok_or_else(|| error(span))?;
            let text: LitStr = syn::parse2(value).map_err(|cause| error(cause.span()))?;
            self.krate = text
                .parse_with(Path::parse_mod_style)
                .map_err(|_| error(text.span()))?;
        } else if let Some(option) = ConfigOption::ALL.iter().find(|option| option.name == name) {
            let value = argument.value.ok_or_else(|| option.refuse(span))?;
            let krate = self.krate.clone();
            let setter = (|input: ParseStream<'_>| option.parse(input, &krate)).parse2(value)?;
            self.config.push(setter);
        } else {
            return Err(unknown(name, span, attribute));
        }
        Ok(())
    }
}

/// `name` or `name = value`.
struct Argument {
    name: Ident,
    value: Option<TokenStream>,
}

impl Argument {
    fn parse_all(input: ParseStream<'_>) -> syn::Result<Vec<Self>> {
        let arguments = input.parse_terminated(Self::parse, Token![,])?;
        Ok(arguments.into_iter().collect())
    }

    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = Ident::parse_any(input).map_err(|error| {
            let message = "expected the name of a runtime or of an option, as in \
                           `tokio, worker_threads = 4`";
            syn::Error::new(error.span(), message)
        })?;
        let mut value = None;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            let mut tokens = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                tokens.extend([input.parse::<proc_macro2::TokenTree>()?]);
            }
            if tokens.is_empty() {
                let message = format!("`{name} =` lacks its value");
                return Err(syn::Error::new(name.span(), message));
            }
            value = Some(tokens);
        }
        Ok(Self { name, value })
    }

    fn no_value(&self) -> syn::Result<()> {
        match &self.value {
            None => Ok(()),
            Some(value) => Err(syn::Error::new_spanned(
                value,
                format!("`{}` takes no value", self.name),
            )),
        }
    }
}

/// Collects errors, so that all of them are shown at once.
pub(crate) struct Errors(pub(crate) Option<syn::Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            None => self.0 = Some(error),
            Some(first) => first.combine(error),
        }
    }

    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}

pub(crate) fn default_crate() -> Path {
    syn::parse_quote!(::anyrt)
}

fn unknown(name: &str, span: Span, attribute: &'static str) -> syn::Error {
    let list = |names: Vec<String>| names.join(", ");
    let backends = Backend::ALL.map(|backend| format!("`{}`", backend.name()));
    let options = ConfigOption::ALL.map(|option| format!("`{}`", option.example()));
    let message = format!(
        "`#[anyrt::{attribute}]` knows no `{name}`\n\
         the runtimes are {}\n\
         the options are {}, `local`, `crate = \"path::to::anyrt\"`",
        list(backends.to_vec()),
        list(options.to_vec()),
    );
    syn::Error::new(span, message)
}
