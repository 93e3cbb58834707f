//! Sockets, natively and through the layer.

pub mod native;

use anyrt_benches_kit::on_side;
use anyrt_benches_kit::probe::Probe;
use anyrt_benches_kit::sockets::{Side, SocketOperation};
use anyrt_tokio::Tokio;
use tokio::runtime::{Builder, Runtime};

/// Does `operation`, on this thread, `rounds` times between the beginning and the end that it tells `probe`.
pub fn run(side: Side, operation: SocketOperation, rounds: usize, probe: &dyn Probe) {
    let owner = runtime();
    let rt = Tokio::try_from(owner.handle().clone()).expect("has timers");
    owner.block_on(async { on_side!(side, native::run, rt, operation, rounds, probe) });
}

/// The runtime of one thread that the sockets belong to.
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("starts")
}
