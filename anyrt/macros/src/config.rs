use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::{Lit, LitInt, LitStr, Path};

use crate::options::Given;

/// An option of `anyrt::Config`, by the name of its setter.
pub(crate) struct ConfigOption {
    pub(crate) name: &'static str,
    kind: Kind,
    example: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "they are spelled as in the table")]
enum Kind {
    flavor,
    count,
    hint,
    interval,
    text,
    duration,
}

macro_rules! options {
    ($(
        $(#[$doc:meta])*
        $name:ident, $variant:ident, $kind:ident, $example:literal, $sets:literal;
    )*) => {
        /// The rows of core's table.
        const OPTIONS: &[ConfigOption] = &[$(
            ConfigOption {
                name: stringify!($name),
                kind: Kind::$kind,
                example: stringify!($example),
            },
        )*];
    };
}

anyrt_core::__config_options!(options);

impl ConfigOption {
    pub(crate) const ALL: &[Self] = OPTIONS;

    /// How the option is written.
    pub(crate) fn example(&self) -> String {
        format!("{} = {}", self.name, self.example)
    }

    /// Parses the value, and returns the call of the setter with it.
    pub(crate) fn parse(&self, input: ParseStream<'_>, krate: &Path) -> syn::Result<Given> {
        let value: Lit = input.parse().map_err(|error| self.refuse(error.span()))?;
        let argument = match (&self.kind, &value) {
            (Kind::count | Kind::hint, Lit::Int(number)) => self.integer(number, "usize")?,
            (Kind::interval, Lit::Int(number)) => self.integer(number, "u32")?,
            (Kind::text, Lit::Str(text)) => quote!(#text),
            (Kind::flavor, Lit::Str(text)) => match text.value().as_str() {
                "multi_thread" => quote!(#krate::Flavor::MultiThread),
                "current_thread" => quote!(#krate::Flavor::CurrentThread),
                _ => return Err(self.refuse(text.span())),
            },
            (Kind::duration, Lit::Str(text)) => {
                duration(text).ok_or_else(|| self.refuse(text.span()))?
            }
            _ => return Err(self.refuse(value.span())),
        };
        let setter = Ident::new(self.name, Span::call_site());
        Ok(Given {
            key: match (self.kind, &value) {
                (Kind::flavor, Lit::Str(text)) => text.value(),
                _ => self.name.to_owned(),
            },
            is_wish: self.kind == Kind::hint,
            name: self.name,
            setter: quote!(.#setter(#argument)),
            span: value.span(),
        })
    }

    fn integer(&self, number: &LitInt, kind: &str) -> syn::Result<TokenStream> {
        let fits = match kind {
            "u32" => number.base10_parse::<u32>().is_ok(),
            // As on the smallest target that has a runtime; a larger one reports a larger number itself.
            _ => number.base10_parse::<u64>().is_ok(),
        };
        if !fits || !(number.suffix().is_empty() || number.suffix() == kind) {
            return Err(self.refuse(number.span()));
        }
        Ok(quote!(#number))
    }

    pub(crate) fn refuse(&self, span: Span) -> syn::Error {
        let name = self.name;
        let takes = match self.kind {
            Kind::flavor => "\"multi_thread\" or \"current_thread\"",
            Kind::interval => "an integer of 32 bits",
            Kind::count | Kind::hint => "an integer",
            Kind::text => "a string",
            Kind::duration => "a string of a number and `ms` or `s`",
        };
        syn::Error::new(
            span,
            format!("`{name}` takes {takes}, as in `{}`", self.example()),
        )
    }
}

/// The expression for `500ms` or `1.5s`.
pub(crate) fn duration(text: &LitStr) -> Option<TokenStream> {
    let millis = millis(&text.value())?;
    Some(quote!(::core::time::Duration::from_millis(#millis)))
}

/// Reads `500ms` or `1.5s`.
fn millis(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (text.strip_suffix('s')?, 1000.0),
    };
    let digits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    if number.is_empty() || !number.bytes().all(digits) {
        return None;
    }
    let millis = number.parse::<f64>().ok()? * unit;
    // Beyond this a number with a fraction has no exact milliseconds.
    (millis < 9e15).then_some(millis.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        assert_eq!(millis("500ms"), Some(500));
        assert_eq!(millis("10s"), Some(10_000));
        assert_eq!(millis("1.5s"), Some(1_500));
        for bad in ["", "s", "ms", "10", "10 s", "-1s", "1e9s", "infs", "1.2.3s"] {
            assert_eq!(millis(bad), None, "{bad:?}");
        }
    }
}
