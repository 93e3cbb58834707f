use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token};

use crate::backend::{Backend, list};
use crate::config::{self, ConfigOption};
use crate::page;
use crate::sim_option::SimOption;

/// The arguments of either attribute.
pub(crate) struct Options {
    /// Where the facade is.
    pub(crate) krate: Path,
    /// The runtimes that were named, with the places where.
    pub(crate) backends: Vec<(Backend, Span)>,
    /// Where JavaScript's event loop was named.
    pub(crate) page: Option<Span>,
    pub(crate) local: bool,
    /// Whether a test fails for panics that nobody heard.
    pub(crate) fails_for_unheard_panics: bool,
    /// The options of `Config`.
    pub(crate) given: Vec<Given>,
    /// What is set beside `Config`.
    settings: Vec<TokenStream>,
    /// The first option that is for the simulation alone.
    simulated: Option<(&'static str, Span)>,
}

/// An option that is given, as `.worker_threads(4)`.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    /// What a runtime must honour: the name, or the value of `flavor`.
    pub(crate) key: String,
    pub(crate) is_wish: bool,
    pub(crate) setter: TokenStream,
    pub(crate) span: Span,
}

/// Where the facade is, as far as the arguments say so in a way that can be read.
pub(crate) fn facade(arguments: TokenStream) -> Path {
    let arguments = (|input: ParseStream<'_>| Argument::parse_all(input)).parse2(arguments);
    let mut arguments = arguments.unwrap_or_default().into_iter();
    let krate = arguments.find(|argument| argument.name == "crate");
    krate
        .and_then(|argument| argument.path().ok())
        .unwrap_or_else(default_crate)
}

impl Options {
    /// Parses the arguments of `#[anyrt::attribute(…)]`. `all` are the runtimes that the facade knows.
    pub(crate) fn parse(
        arguments: TokenStream,
        attribute: &'static str,
        all: &[Backend],
    ) -> syn::Result<Self> {
        let arguments = (|input: ParseStream<'_>| Argument::parse_all(input)).parse2(arguments)?;
        let mut options = Self {
            krate: default_crate(),
            backends: Vec::new(),
            page: None,
            local: false,
            fails_for_unheard_panics: false,
            given: Vec::new(),
            settings: Vec::new(),
            simulated: None,
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
            if let Err(error) = options.take(&name, argument, attribute, all) {
                errors.add(error);
            }
            seen.push(name);
        }
        if let Some(span) = options.page {
            if let Err(error) = options.check_page(attribute, span) {
                errors.add(error);
            }
        }
        let unread = errors.0.is_some();
        for (backend, _) in options.backends.iter().filter(|_| !unread) {
            if let Some(option) = backend.lacks(&options.given, options.local) {
                let message = format!(
                    "{} does not have `{}`: leave the option out, or name another runtime",
                    backend.feature,
                    option.written(),
                );
                errors.add(syn::Error::new(option.span, message));
            }
        }
        let has_seeds = |(backend, _): &(Backend, Span)| backend.runs_seeds;
        if let (Some((name, span)), false) = (options.simulated, unread) {
            if !options.backends.is_empty() && !options.backends.iter().any(has_seeds) {
                let message =
                    format!("`{name}` is for the simulation: leave it out, or name `sim`");
                errors.add(syn::Error::new(span, message));
            }
        }
        errors.finish(options)
    }

    /// Refuses what has no meaning on JavaScript's event loop.
    fn check_page(&self, attribute: &'static str, span: Span) -> syn::Result<()> {
        if attribute == "test" {
            return Err(syn::Error::new(span, page::NO_TESTS));
        }
        if !self.backends.is_empty() {
            let message =
                "a program runs on one runtime: name `wasm` alone, under a `cfg` of its target";
            return Err(syn::Error::new(span, message));
        }
        if let Some(option) = self.given.first() {
            let message = format!(
                "the event loop has no `{}`: leave the option out",
                option.written()
            );
            return Err(syn::Error::new(option.span, message));
        }
        match self.settings.is_empty() {
            true => Ok(()),
            false => {
                let message = "nothing shuts the event loop down: leave `shutdown_grace` out";
                Err(syn::Error::new(span, message))
            }
        }
    }

    /// The expression that makes the `Config`.
    pub(crate) fn config(&self) -> TokenStream {
        let krate = &self.krate;
        let setters = self.given.iter().map(|option| &option.setter);
        quote!(#krate::Config::new() #(#setters)*)
    }

    /// The expression that makes the `Settings`.
    pub(crate) fn settings(&self) -> TokenStream {
        let (krate, settings) = (&self.krate, &self.settings);
        quote!(#krate::__private::Settings::new() #(#settings)*)
    }

    /// Tells whether the number of threads is given, in one way or another.
    pub(crate) fn says_threads(&self) -> bool {
        let names = ["flavor", "worker_threads", "worker_threads_hint"];
        self.given.iter().any(|option| names.contains(&option.name))
    }

    fn take(
        &mut self,
        name: &str,
        argument: Argument,
        attribute: &'static str,
        all: &[Backend],
    ) -> syn::Result<()> {
        let span = argument.name.span();
        if let Some(backend) = all.iter().find(|backend| backend.name == name) {
            argument.no_value()?;
            self.backends.push((backend.clone(), span));
        } else if name == page::NAME {
            argument.no_value()?;
            self.page = Some(span);
        } else if name == "local" {
            argument.no_value()?;
            self.local = true;
        } else if name == "crate" {
            self.krate = argument.path()?;
        } else if name == "shutdown_grace" {
            let grace = argument.value.clone().map(syn::parse2::<LitStr>);
            let grace = grace.and_then(Result::ok);
            let grace = grace.and_then(|text| config::duration(&text));
            let grace = grace.ok_or_else(|| {
                argument
                    .refuse("a string of a number and `ms` or `s`, as in `shutdown_grace = \"5s\"`")
            })?;
            self.settings.push(quote!(.shutdown_grace(#grace)));
        } else if name == "unheard_panics" && attribute == "test" {
            let value = argument.value.clone().map(syn::parse2::<LitStr>);
            match value.and_then(Result::ok) {
                Some(text) if text.value() == "fail" => {}
                _ => return Err(argument.refuse("one word, as in `unheard_panics = \"fail\"`")),
            }
            self.fails_for_unheard_panics = true;
        } else if let Some(option) = sim_option(name, attribute) {
            let setter = argument.value.clone().and_then(|value| option.parse(value));
            let setter = setter.ok_or_else(|| argument.refuse(&option.takes()))?;
            self.settings.push(setter);
            self.simulated.get_or_insert((option.name, span));
        } else if let Some(option) = ConfigOption::ALL.iter().find(|option| option.name == name) {
            let value = argument.value.ok_or_else(|| option.refuse(span))?;
            let krate = self.krate.clone();
            let given = (|input: ParseStream<'_>| option.parse(input, &krate)).parse2(value)?;
            self.given.push(Given { span, ..given });
        } else {
            return Err(unknown(name, span, attribute, all));
        }
        Ok(())
    }
}

impl Given {
    /// The option as it was written, for messages.
    pub(crate) fn written(&self) -> String {
        match self.name {
            "flavor" => format!("flavor = {:?}", self.key),
            name => name.to_owned(),
        }
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
        if input.peek(Token![-]) {
            return Err(Self::dashed(&name, input));
        }
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

    /// An error for a name that is written as cargo writes features: with `-`.
    fn dashed(first: &Ident, input: ParseStream<'_>) -> syn::Error {
        let mut words = vec![first.to_string()];
        while input.parse::<Token![-]>().is_ok() {
            let word = input.call(Ident::parse_any);
            words.extend(word.ok().map(|word| word.to_string()));
        }
        let message = format!(
            "`{}` is spelled `{}` here",
            words.join("-"),
            words.join("_")
        );
        syn::Error::new(first.span(), message)
    }

    /// The value of `crate`.
    fn path(&self) -> syn::Result<Path> {
        let refuse = || self.refuse("a path in a string, as in `crate = \"path::to::anyrt\"`");
        let value = self.value.clone().ok_or_else(refuse)?;
        let text: LitStr = syn::parse2(value).map_err(|_| refuse())?;
        text.parse_with(Path::parse_mod_style).map_err(|_| refuse())
    }

    /// An error at the value that says what it takes.
    fn refuse(&self, takes: &str) -> syn::Error {
        let message = format!("`{}` takes {takes}", self.name);
        match &self.value {
            Some(value) => syn::Error::new_spanned(value, message),
            None => syn::Error::new(self.name.span(), message),
        }
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

/// Says what there is, and first of all what comes nearest.
fn unknown(name: &str, span: Span, attribute: &'static str, all: &[Backend]) -> syn::Error {
    let mut options: Vec<_> = ConfigOption::ALL
        .iter()
        .map(ConfigOption::example)
        .collect();
    options.push("shutdown_grace = \"5s\"".to_owned());
    if attribute == "test" {
        options.push("unheard_panics = \"fail\"".to_owned());
        options.extend(SimOption::ALL.iter().map(SimOption::example));
    }
    options.extend(["local", "crate = \"path::to::anyrt\""].map(str::to_owned));
    let names = options
        .iter()
        .map(|option| option.split(' ').next().unwrap_or_default());
    let runtimes = all.iter().map(|backend| &backend.name[..]);
    // No test runs there.
    let page = (attribute == "main").then_some(page::NAME);
    let nearest = runtimes
        .chain(page)
        .chain(names)
        .min_by_key(|candidate| distance(name, candidate))
        .filter(|candidate| distance(name, candidate) <= candidate.len() / 3)
        .map(|candidate| format!(": did you mean `{candidate}`?"))
        .unwrap_or_default();
    let options: Vec<_> = options.iter().map(|option| format!("`{option}`")).collect();
    let page = page.map(|name| format!(", and `{name}` in a page"));
    let message = format!(
        "`#[anyrt::{attribute}]` knows no `{name}`{nearest}\n\
         the runtimes are {}{}\n\
         the options are {}",
        list(all),
        page.unwrap_or_default(),
        options.join(", "),
    );
    syn::Error::new(span, message)
}

/// The option of this name that tests under simulation have.
fn sim_option(name: &str, attribute: &str) -> Option<&'static SimOption> {
    let option = SimOption::ALL.iter().find(|option| option.name == name);
    option.filter(|_| attribute == "test")
}

/// How many letters must be put in, left out, changed, or swapped with the next one.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<_> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    // The row before it, and the letter that it is of.
    let mut before: Option<(char, Vec<usize>)> = None;
    for (index, letter) in from.chars().enumerate() {
        let mut next = vec![index + 1];
        for (column, &other) in to.iter().enumerate() {
            let change = row[column] + usize::from(letter != other);
            let put_in_or_left_out = next[column].min(row[column + 1]) + 1;
            let swap = match (&before, column.checked_sub(1)) {
                (Some((last, twice)), Some(left)) if *last == other && to[left] == letter => {
                    twice[left] + 1
                }
                _ => usize::MAX,
            };
            next.push(change.min(put_in_or_left_out).min(swap));
        }
        before = Some((letter, std::mem::replace(&mut row, next)));
    }
    row[to.len()]
}
