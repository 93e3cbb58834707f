#![doc = include_str!("../README.md")]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
mod backend;
mod conditional;
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
mod entry;
pub mod manual;
#[cfg(not(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
)))]
mod no_entry;
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
mod not_started;
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
mod select;
mod select_error;

#[doc(inline)]
pub use anyrt_core::*;

/// async-std, which is discontinued upstream: the crate `anyrt-async-std` (feature `async-std`).
#[cfg(feature = "async-std")]
#[doc(no_inline)]
pub use anyrt_async_std as async_std;
/// Sockets and signals: the crate `anyrt-net` (feature `net`; `tokio-net`, `smol-net` and `async-std-net` turn it on with a runtime
/// that has them).
#[cfg(feature = "net")]
#[doc(no_inline)]
pub use anyrt_net as net;
/// The deterministic simulation, for tests: the crate `anyrt-sim` (feature `sim`).
#[cfg(feature = "sim")]
#[doc(no_inline)]
pub use anyrt_sim as sim;
/// smol: the crate `anyrt-smol` (feature `smol`).
#[cfg(feature = "smol")]
#[doc(no_inline)]
pub use anyrt_smol as smol;
/// Task groups, cancellation, scopes, races, retries and limits: the crate `anyrt-structured` (feature `structured`).
#[cfg(feature = "structured")]
#[doc(no_inline)]
pub use anyrt_structured as structured;
/// tokio: the crate `anyrt-tokio` (feature `tokio`).
#[cfg(feature = "tokio")]
#[doc(no_inline)]
pub use anyrt_tokio as tokio;

#[cfg(feature = "macros")]
#[doc(inline)]
pub use anyrt_macros::{main, test};

#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
pub use entry::{block_on, run, runtime};
#[cfg(not(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
)))]
pub use no_entry::{block_on, run, runtime};
pub use select_error::SelectError;
