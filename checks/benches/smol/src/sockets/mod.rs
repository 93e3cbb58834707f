//! Sockets, natively and through the layer.

pub mod native;

use anyrt_benches_kit::on_side;
use anyrt_benches_kit::probe::Probe;
use anyrt_benches_kit::sockets::{Side, SocketOperation};
use anyrt_smol::Smol;

/// Does `operation`, on this thread, `rounds` times between the beginning and the end that it tells `probe`.
pub fn run(side: Side, operation: SocketOperation, rounds: usize, probe: &dyn Probe) {
    smol::block_on(async { on_side!(side, native::run, Smol::global(), operation, rounds, probe) });
}
