// Readers copy the snippets of the manual, so none imports what it does not use.
#![doc(test(attr(deny(unused_imports))))]
// The programs on the front page are whole, so they compile only with the features that they use.
#![cfg_attr(
    all(feature = "macros", feature = "tokio"),
    doc = include_str!("../README.md")
)]
#![cfg_attr(
    not(all(feature = "macros", feature = "tokio")),
    doc = "The facade of anyrt: picks a runtime by cargo feature. See the README."
)]

#[macro_use]
mod backends;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod manual;
#[cfg(all(feature = "wasm", target_family = "wasm", target_os = "unknown"))]
mod page;
mod panics;
// One more list of the runtimes: the macro with the rows cannot declare it, because rustfmt does not look into macros.
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "compio",
    feature = "sim"
))]
mod program;
mod select_error;

#[doc(inline)]
pub use anyrt_core::*;
#[cfg(feature = "macros")]
#[doc(inline)]
pub use anyrt_macros::{main, test};
/// Sockets and signals: the crate `anyrt-net` (feature `net`; `tokio-net`, `smol-net`, `async-std-net`, `compio-net` and
/// `sim-net` turn it on with a runtime that has them).
#[cfg(feature = "net")]
pub mod net {
    #[doc(no_inline)]
    pub use anyrt_net::*;
}
/// Task groups, cancellation, scopes, races, retries and limits: the crate `anyrt-structured` (feature `structured`).
#[cfg(feature = "structured")]
pub mod structured {
    #[doc(no_inline)]
    pub use anyrt_structured::*;
}

/// JavaScript's event loop, on `wasm32-unknown-unknown`: the crate `anyrt-wasm` (feature `wasm`).
#[cfg(all(feature = "wasm", target_family = "wasm", target_os = "unknown"))]
pub mod wasm {
    #[doc(no_inline)]
    pub use anyrt_wasm::*;
}

pub use panics::{UnheardPanic, WatchPanics, WatchedTask};
pub use select_error::SelectError;

// Modules and not re-exports of crates: the compiler writes paths through a crate's own name, as `anyrt::anyrt_net::Tcp`.

/// What is public depends on the runtimes that are compiled in.
macro_rules! public {
    ($(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        $(
            $(#[$doc])*
            #[cfg(feature = $feature)]
            pub mod $name {
                #[doc(no_inline)]
                pub use $krate::*;
            }
        )*

        #[cfg(not(any($(feature = $feature),*)))]
        mod no_entry;

        #[cfg(any($(feature = $feature),*))]
        pub use program::entry::{block_on, run, runtime};
        #[cfg(not(any($(feature = $feature),*)))]
        pub use no_entry::{block_on, run, runtime};
    };
}

__backends!([public]);
