use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Lit, LitInt};

use crate::config;

/// An option of the simulation's test, by the name of its setter in the facade's `Settings`.
pub(crate) struct SimOption {
    pub(crate) name: &'static str,
    kind: Kind,
    example: &'static str,
}

#[derive(Clone, Copy)]
#[expect(non_camel_case_types, reason = "they are spelled as in the table")]
enum Kind {
    seeds,
    threads,
    processes,
    runs,
    duration,
}

/// Calls a macro with the table: name, what the value counts, an example, and what it sets.
macro_rules! sim_options {
    ($callback:ident) => {
        $callback! {
            sim_iterations, seeds, 1000, "how many seeds run; `ANYRT_SIM_ITERS` wins";
            sim_threads, threads, 1, "how many threads run the seeds; `ANYRT_SIM_THREADS` wins";
            sim_processes, processes, 4, "how many processes run the seeds, in place of threads, so that seeds of two processes share no \
                `static`; `ANYRT_SIM_PROCESSES` wins";
            sim_shrink, runs, 1000, "how many more runs may look for a shorter one that fails in the same manner; `ANYRT_SIM_SHRINK` wins";
            sim_lateness, duration, "5ms", "by how much a sleep may be late, in half of the seeds";
            sim_time_limit, duration, "60s", "after how much virtual time a run fails";
        }
    };
}
pub(crate) use sim_options;

macro_rules! table {
    ($($name:ident, $kind:ident, $example:literal, $sets:literal;)*) => {
        /// The rows of the table.
        const OPTIONS: &[SimOption] = &[$(
            SimOption {
                name: stringify!($name),
                kind: Kind::$kind,
                example: stringify!($example),
            },
        )*];
    };
}

sim_options!(table);

impl SimOption {
    pub(crate) const ALL: &[Self] = OPTIONS;

    /// How the option is written.
    pub(crate) fn example(&self) -> String {
        format!("{} = {}", self.name, self.example)
    }

    /// Parses the value, and returns the call of the setter with it. `None` for a value that it does not take.
    pub(crate) fn parse(&self, value: TokenStream) -> Option<TokenStream> {
        let value = match (self.kind, syn::parse2(value).ok()?) {
            (Kind::duration, Lit::Str(text)) => config::duration(&text)?,
            (Kind::seeds | Kind::runs, Lit::Int(number)) => count::<u64>(&number)?,
            (Kind::threads | Kind::processes, Lit::Int(number)) => count::<usize>(&number)?,
            _ => return None,
        };
        let setter = Ident::new(self.name, Span::call_site());
        Some(quote!(.#setter(#value)))
    }

    /// What the option takes, for messages.
    pub(crate) fn takes(&self) -> String {
        let takes = match self.kind {
            Kind::seeds => "a number of seeds from 1",
            Kind::threads => "a number of threads from 1",
            Kind::processes => "a number of processes from 1",
            Kind::runs => "a number of runs from 1",
            Kind::duration => "a string of a number and `ms` or `s`",
        };
        format!("{takes}, as in `{}`", self.example())
    }
}

/// A number that fits, and is not zero.
fn count<T: std::str::FromStr<Err: std::fmt::Display> + Default + PartialEq + quote::ToTokens>(
    number: &LitInt,
) -> Option<TokenStream> {
    let number = number.base10_parse::<T>().ok()?;
    (number != T::default()).then(|| quote!(#number))
}
