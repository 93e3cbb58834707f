use std::future::Future;
use std::pin::Pin;

/// A rule under way. It is driven by a `block_on` and never sent.
pub(crate) type RuleFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Declares rules of sockets: each is one of the engine's, and its text is an `async fn` on a runtime's own handle.
///
/// `Any + Net` is what all rules of the block need, in the engine's words; a rule may need more, as in `async fn name(rt: Owned)`.
/// The text is compiled for each type of handle that a backend brings: for those of runtimes whose tasks are `Send`, and for
/// local ones where the block says `Any`. After a colon follows a trait that the handle has besides.
macro_rules! rules {
    (Any $(+ $need:ident)+ $(: $bound:ident)?; $($rules:tt)+) => {
        $crate::rule::rules! { @engine Any [$(+ $need)+] $($rules)+ }
        $crate::rule::rules! { @kind shared Shared NetRuntime [$(+ ::anyrt_net::$bound)?]; $($rules)+ }
        $crate::rule::rules! { @kind local Local LocalNet [$(+ ::anyrt_net::$bound)?]; $($rules)+ }
    };
    (Shared $(+ $need:ident)+ $(: $bound:ident)?; $($rules:tt)+) => {
        $crate::rule::rules! { @engine Shared [$(+ $need)+] $($rules)+ }
        $crate::rule::rules! { @kind shared Shared NetRuntime [$(+ ::anyrt_net::$bound)?]; $($rules)+ }
    };
    (@engine $kind:ident $needs:tt
        $($(#[doc = $doc:literal])+ async fn $name:ident($rt:ident $(: $more:ident)?) $body:block)+
    ) => {
        /// These rules, as the engine knows them.
        pub(crate) mod engine {
            #[allow(unused_imports, reason = "few rules need what the system has")]
            use crate::capability::*;
            use crate::sockets::RunByName as _;

            $crate::rule::rules! {
                @flat $kind $($needs [$($more)?] $name [$(#[doc = $doc])+];)+
            }
        }
    };
    (@flat $kind:ident $([$(+ $need:ident)+] [$($more:ident)?] $name:ident [$(#[doc = $doc:literal])+];)+) => {
        ::anyrt_conformance_engine::rules! { net
            $(
                $(#[doc = $doc])+
                Capability fn $name(rt: $kind $(+ $need)+ $(+ $more)?) {
                    rt.run_by_name(stringify!($name));
                }
            )+
        }
    };
    (@kind $module:ident $place:ident $net:ident [$($bound:tt)*];
        $($(#[doc = $doc:literal])+ async fn $name:ident($rt:ident $(: $more:ident)?) $body:block)+
    ) => {
        /// On one kind of runtimes.
        pub(crate) mod $module {
            use super::*;
            use $crate::place::$place as Place;

            /// What these rules ask of a runtime.
            pub(crate) trait Asked: ::anyrt_net::$net $($bound)* {}
            impl<R: ::anyrt_net::$net $($bound)*> Asked for R {}

            $(async fn $name<R: Asked>($rt: Place<R>) $body)+

            /// The rule with this name, for a handle of the type `R`.
            pub(crate) fn find<R: Asked>(name: &str) -> Option<fn(Place<R>) -> $crate::rule::RuleFuture> {
                $(
                    if name == stringify!($name) {
                        return Some(|place| Box::pin($name(place)));
                    }
                )+
                None
            }
        }
    };
}

pub(crate) use rules;
