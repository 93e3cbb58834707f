use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::{Lit, LitInt, Path};

/// An option of `anyrt::Config`, by the name of its setter.
pub(crate) struct ConfigOption {
    pub(crate) name: &'static str,
    kind: Kind,
    example: &'static str,
}

enum Kind {
    Flavor,
    /// An integer of the type of this suffix.
    Integer(&'static str),
    Text,
    Duration,
}

impl ConfigOption {
    pub(crate) const ALL: [Self; 9] = [
        Self::new("flavor", Kind::Flavor, "\"current_thread\""),
        Self::new("worker_threads", Kind::Integer("usize"), "4"),
        Self::new("thread_name", Kind::Text, "\"app\""),
        Self::new("thread_stack_size", Kind::Integer("usize"), "1_048_576"),
        Self::new("max_blocking_threads", Kind::Integer("usize"), "16"),
        Self::new("thread_keep_alive", Kind::Duration, "\"500ms\""),
        Self::new("event_interval", Kind::Integer("u32"), "61"),
        Self::new("global_queue_interval", Kind::Integer("u32"), "31"),
        Self::new("max_io_events_per_tick", Kind::Integer("usize"), "1024"),
    ];

    const fn new(name: &'static str, kind: Kind, example: &'static str) -> Self {
        Self {
            name,
            kind,
            example,
        }
    }

    /// How the option is written.
    pub(crate) fn example(&self) -> String {
        format!("{} = {}", self.name, self.example)
    }

    /// Parses the value, and returns the call of the setter with it.
    pub(crate) fn parse(&self, input: ParseStream<'_>, krate: &Path) -> syn::Result<Setter> {
        let value: Lit = input.parse().map_err(|error| self.refuse(error.span()))?;
        let argument = match (&self.kind, &value) {
            (Kind::Integer(kind), Lit::Int(number)) => self.integer(number, kind)?,
            (Kind::Text, Lit::Str(text)) => quote!(#text),
            (Kind::Flavor, Lit::Str(text)) => match text.value().as_str() {
                "multi_thread" => quote!(#krate::Flavor::MultiThread),
                "current_thread" => quote!(#krate::Flavor::CurrentThread),
                _ => return Err(self.refuse(text.span())),
            },
            (Kind::Duration, Lit::Str(text)) => {
                let millis = millis(&text.value()).ok_or_else(|| self.refuse(text.span()))?;
                quote!(::core::time::Duration::from_millis(#millis))
            }
            _ => return Err(self.refuse(value.span())),
        };
        let setter = Ident::new(self.name, Span::call_site());
        Ok(Setter(quote!(.#setter(#argument))))
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
        let Self { name, .. } = self;
        let takes = match self.kind {
            Kind::Flavor => "\"multi_thread\" or \"current_thread\"",
            Kind::Integer("u32") => "an integer of 32 bits",
            Kind::Integer(_) => "an integer",
            Kind::Text => "a string",
            Kind::Duration => "a string of a number and `ms` or `s`",
        };
        syn::Error::new(
            span,
            format!("`{name}` takes {takes}, as in `{}`", self.example()),
        )
    }
}

/// `.worker_threads(4)`
pub(crate) struct Setter(pub(crate) TokenStream);

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
