//! The measured operations on compio, natively and through anyrt.

use anyrt_benches_kit::pair::Pair;
use anyrt_compio::Local;

pub mod native;
pub mod sockets;

/// Starts the pair `key`; `None` where it is none of compio's.
pub fn start(key: &'static str) -> Option<Pair> {
    (key == "compio-local").then(|| Pair::local::<native::CompioLocal, Local>(key))
}
