//! Sockets, natively and through the layer.

pub mod native;

use anyrt_async_std::AsyncStd;
use anyrt_benches_kit::on_side;
use anyrt_benches_kit::probe::Probe;
use anyrt_benches_kit::sockets::{Side, SocketOperation};

/// Does `operation`, on this thread, `rounds` times between the beginning and the end that it tells `probe`.
pub fn run(side: Side, operation: SocketOperation, rounds: usize, probe: &dyn Probe) {
    smol::block_on(async {
        on_side!(
            side,
            native::run,
            AsyncStd::global(),
            operation,
            rounds,
            probe
        )
    });
}
