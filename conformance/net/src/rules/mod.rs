//! The rules, one file for each part of the meaning.
//!
//! # To add a rule
//!
//! Write it in the file of its part. Its documentation is data: the rule in one sentence, an intent, and what to look at when it
//! fails, in three paragraphs. It fails by panicking, runs in a process of its own, and has a mutant in `mutants` that it is red
//! under.

pub mod cancel;
pub mod close;
pub mod datagram;
pub mod errors;
pub mod home;
pub mod host;
pub mod listener;
pub mod option;
pub mod ready;
pub mod resources;
pub mod signal;
pub mod stream;
pub mod system;
#[cfg(unix)]
pub mod unix;

use anyrt_net::{LocalNet, NetRuntime, OsNet, Signals};

use crate::Rule;
use crate::kit::{Local, Shared};

/// The rules of a runtime with sockets.
pub fn shared<R: NetRuntime>() -> Vec<Rule<Shared<R>>> {
    [
        stream::shared::all(),
        close::shared::all(),
        errors::shared::all(),
        cancel::shared::all(),
        listener::shared::all(),
        datagram::shared::all(),
        ready::shared::all(),
        host::shared::all(),
        option::shared::all(),
        resources::shared::all(),
        home::shared::all(),
    ]
    .concat()
}

/// The rules of a local runtime with sockets.
pub fn local<R: LocalNet>() -> Vec<Rule<Local<R>>> {
    [
        stream::local::all(),
        close::local::all(),
        errors::local::all(),
        cancel::local::all(),
        listener::local::all(),
        datagram::local::all(),
        ready::local::all(),
        host::local::all(),
        option::local::all(),
        resources::local::all(),
    ]
    .concat()
}

/// The rules of a runtime with descriptors.
pub fn system<R: NetRuntime + OsNet>() -> Vec<Rule<Shared<R>>> {
    system::shared::all()
}

/// The rules of a runtime with Unix sockets.
#[cfg(unix)]
pub fn unix<R: NetRuntime + anyrt_net::Unix>() -> Vec<Rule<Shared<R>>> {
    unix::shared::all()
}

/// The rules of a runtime with signals.
pub fn signal<R: NetRuntime + Signals>() -> Vec<Rule<Shared<R>>> {
    signal::shared::all()
}
