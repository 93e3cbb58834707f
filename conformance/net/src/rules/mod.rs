//! The rules, one file for each part of the meaning.
//!
//! # To add a rule
//!
//! Write it in the file of its part, as the engine's `rules!` says: the rule in one sentence, an intent, and what to check if it
//! fails. The text is an `async fn` on the runtime's own handle and fails by panicking. Give it a mutant in
//! [`mutants`](crate::mutants).

mod cancel;
mod close;
mod completion;
mod datagram;
mod errors;
mod home;
mod host;
mod listener;
mod option;
#[cfg(unix)]
mod os;
mod ready;
mod resources;
#[cfg(unix)]
mod signal;
mod stream;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod unix_home;

use anyrt_conformance_engine::Rule;
use anyrt_net::{LocalNet, NetRuntime};

use crate::place::{Local, Shared};
use crate::rule::RuleFuture;

/// Every rule, part by part.
pub(crate) fn all() -> Vec<Rule> {
    [
        stream::engine::rules(),
        close::engine::rules(),
        errors::engine::rules(),
        cancel::engine::rules(),
        listener::engine::rules(),
        datagram::engine::rules(),
        ready::engine::rules(),
        host::engine::rules(),
        option::engine::rules(),
        resources::engine::rules(),
        home::engine::rules(),
        completion::engine::rules(),
        #[cfg(unix)]
        os::engine::rules(),
        #[cfg(unix)]
        unix::engine::rules(),
        #[cfg(unix)]
        unix_home::engine::rules(),
        #[cfg(unix)]
        signal::engine::rules(),
        #[cfg(unix)]
        unix_home::signals::engine::rules(),
    ]
    .concat()
}

/// The rule with a name, for the handle of a runtime with sockets.
pub(crate) fn net<R: NetRuntime>(name: &str) -> Option<fn(Shared<R>) -> RuleFuture> {
    stream::shared::find(name)
        .or_else(|| close::shared::find(name))
        .or_else(|| errors::shared::find(name))
        .or_else(|| cancel::shared::find(name))
        .or_else(|| listener::shared::find(name))
        .or_else(|| datagram::shared::find(name))
        .or_else(|| ready::shared::find(name))
        .or_else(|| host::shared::find(name))
        .or_else(|| option::shared::find(name))
        .or_else(|| resources::shared::find(name))
        .or_else(|| home::shared::find(name))
        .or_else(|| completion::shared::find(name))
}

/// The rule with a name, for the handle of a local runtime with sockets.
pub(crate) fn local<R: LocalNet>(name: &str) -> Option<fn(Local<R>) -> RuleFuture> {
    stream::local::find(name)
        .or_else(|| close::local::find(name))
        .or_else(|| errors::local::find(name))
        .or_else(|| cancel::local::find(name))
        .or_else(|| listener::local::find(name))
        .or_else(|| datagram::local::find(name))
        .or_else(|| ready::local::find(name))
        .or_else(|| host::local::find(name))
        .or_else(|| option::local::find(name))
        .or_else(|| resources::local::find(name))
        .or_else(|| completion::local::find(name))
}

#[cfg(unix)]
pub(crate) use os::{local::find as local_os, shared::find as os};
#[cfg(unix)]
pub(crate) use signal::local::find as local_signal;
#[cfg(unix)]
pub(crate) use unix::local::find as local_unix;

/// The rule of Unix sockets with a name.
#[cfg(unix)]
pub(crate) fn unix<R: NetRuntime + anyrt_net::Unix>(
    name: &str,
) -> Option<fn(Shared<R>) -> RuleFuture> {
    unix::shared::find(name).or_else(|| unix_home::shared::find(name))
}

/// The rule of signals with a name.
#[cfg(unix)]
pub(crate) fn signal<R: NetRuntime + anyrt_net::Signals>(
    name: &str,
) -> Option<fn(Shared<R>) -> RuleFuture> {
    signal::shared::find(name).or_else(|| unix_home::signals::shared::find(name))
}
