//! Sockets: natively, through the layer, and through [`AnyNet`](anyrt_net::AnyNet).

pub mod limits;
pub mod server;

pub use anyrt_benches_kit::sockets::{Side, SocketOperation};

use crate::probe::Probe;

/// The runtimes that have sockets of their own. `compio` reads by readiness and `compio-owned` by completion.
pub const BACKENDS: &[&str] = &["tokio", "smol", "async-std", "compio", "compio-owned"];

/// The runtimes that [`server`] runs on.
pub const SERVERS: &[&str] = &["tokio", "smol", "async-std"];

/// Whose sockets are measured on `backend`: those of a local runtime have no form without types.
pub fn sides(backend: &str) -> &'static [Side] {
    if backend.starts_with("compio") {
        &[Side::Native, Side::Layer]
    } else {
        &Side::ALL
    }
}

/// Does `operation`, on this thread, `rounds` times between the beginning and the end that it tells `probe`. Both ends of a connection
/// are polled by one future, so that no scheduler counts.
///
/// # Panics
///
/// When `backend` is none of [`BACKENDS`].
pub fn run(
    backend: &str,
    side: Side,
    operation: SocketOperation,
    rounds: usize,
    probe: &dyn Probe,
) {
    match backend {
        "tokio" => anyrt_benches_tokio::sockets::run(side, operation, rounds, probe),
        "smol" => anyrt_benches_smol::sockets::run(side, operation, rounds, probe),
        "async-std" => anyrt_benches_async_std::sockets::run(side, operation, rounds, probe),
        "compio" => anyrt_benches_compio::sockets::by_readiness(side, operation, rounds, probe),
        "compio-owned" => {
            anyrt_benches_compio::sockets::by_completion(side, operation, rounds, probe);
        }
        _ => panic!("no backend is called `{backend}`"),
    }
}

/// What is done on `backend`.
pub fn operations(backend: &str) -> impl Iterator<Item = SocketOperation> {
    let echoes = [SocketOperation::Echo, SocketOperation::Echo64k];
    let is_done = move |operation: &SocketOperation| match backend {
        // async-std tells no readiness.
        "async-std" => *operation != SocketOperation::Ready,
        // compio has no sockets by readiness but for the bare wait, so its echo alone can be written by hand.
        "compio" => echoes.contains(operation),
        "compio-owned" => *operation == SocketOperation::Echo,
        _ => true,
    };
    SocketOperation::ALL.into_iter().filter(is_done)
}
