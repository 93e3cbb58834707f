use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A rule under way. It is driven by a `block_on` and never sent.
pub type RuleFuture = Pin<Box<dyn Future<Output = ()>>>;

/// One sentence of the specification and the code that checks it on a runtime; `P` is the place that it runs in.
pub struct Rule<P> {
    name: &'static str,
    docs: &'static str,
    run: fn(P) -> RuleFuture,
}

impl<P> Rule<P> {
    pub(crate) fn new(name: &'static str, docs: &'static str, run: fn(P) -> RuleFuture) -> Self {
        Self { name, docs, run }
    }

    /// The name without the family, such as `half_close`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The whole id, such as `net::half_close`.
    pub fn id(&self) -> String {
        format!("net::{}", self.name)
    }

    /// The rule itself: the first sentence of its documentation.
    pub fn sentence(&self) -> String {
        self.paragraph(0)
    }

    /// Why anybody should care.
    pub fn intent(&self) -> String {
        self.paragraph(1)
    }

    /// What to look at when it fails.
    pub fn hint(&self) -> String {
        self.paragraph(2)
    }

    /// Starts the rule. The future panics where the rule is broken.
    pub fn run(&self, place: P) -> RuleFuture {
        (self.run)(place)
    }

    fn paragraph(&self, index: usize) -> String {
        let text = self.docs.split("\n\n").nth(index).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl<P> Clone for Rule<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Rule<P> {}

impl<P> fmt::Debug for Rule<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("name", &self.name).finish()
    }
}

/// Defines rules: each with its documentation as data, compiled for runtimes whose tasks are `Send` (module `shared`) and for local
/// ones (module `local`), or for the former alone.
macro_rules! rules {
    (any $(: $bound:path)?; $($rules:tt)+) => {
        /// On a runtime whose tasks are `Send`.
        pub mod shared {
            use super::*;
            use crate::kit::Shared as Place;
            /// What these rules ask of a runtime.
            pub trait Asked: ::anyrt_net::NetRuntime $(+ $bound)? {}
            impl<R: ::anyrt_net::NetRuntime $(+ $bound)?> Asked for R {}
            $crate::rule::rules! { @each $($rules)+ }
        }

        /// On a local runtime.
        pub mod local {
            use super::*;
            use crate::kit::Local as Place;
            /// What these rules ask of a runtime.
            pub trait Asked: ::anyrt_net::LocalNet $(+ $bound)? {}
            impl<R: ::anyrt_net::LocalNet $(+ $bound)?> Asked for R {}
            $crate::rule::rules! { @each $($rules)+ }
        }
    };
    (shared $(: $bound:path)?; $($rules:tt)+) => {
        /// On a runtime whose tasks are `Send`.
        pub mod shared {
            use super::*;
            use crate::kit::Shared as Place;
            /// What these rules ask of a runtime.
            pub trait Asked: ::anyrt_net::NetRuntime $(+ $bound)? {}
            impl<R: ::anyrt_net::NetRuntime $(+ $bound)?> Asked for R {}
            $crate::rule::rules! { @each $($rules)+ }
        }
    };
    (@each $($(#[doc = $doc:literal])+ async fn $name:ident($rt:ident) $body:block)+) => {
        $(
            $(#[doc = $doc])+
            pub async fn $name<R: Asked>($rt: Place<R>) $body
        )+

        /// These rules, in order.
        pub fn all<R: Asked>() -> Vec<$crate::Rule<Place<R>>> {
            vec![$(
                $crate::Rule::new(stringify!($name), concat!($($doc, "\n"),+), |place| {
                    Box::pin($name(place))
                })
            ),+]
        }
    };
}

pub(crate) use rules;
