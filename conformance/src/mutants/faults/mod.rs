//! The mutants, by what they break.

mod abort;
mod block_on;
mod blocking;
mod declared;
mod join;
mod launch;
mod shutdown;
mod sleep;
mod slot;
mod spawn;
mod time;
mod wake;
mod work;

pub(super) use slot::Slot;

use std::thread;

use super::{Fault, Run, context, mutants};
use crate::Mutant;

/// Every mutant of a runtime.
pub(crate) fn all() -> Vec<Mutant> {
    [
        abort::all(),
        block_on::all(),
        blocking::all(),
        declared::all(),
        join::all(),
        launch::all(),
        shutdown::all(),
        sleep::all(),
        spawn::all(),
        time::all(),
        wake::all(),
        work::all(),
    ]
    .concat()
}

/// A call that never returns.
fn hang() -> ! {
    loop {
        thread::park();
    }
}

/// Loses a few bytes.
fn leak() {
    std::mem::forget(vec![0_u8; 200]);
}
