//! Everyday shapes of application code on every form of the simulation.

use anyrt_core::{AnyBlockOn, Config, Launch};
use anyrt_sim::{Owned, Sim};

#[macro_use]
#[path = "../../adapter-shared/tests/twins/everyday.rs"]
mod shapes;

/// The handle of a simulation that lasts.
fn sim() -> Sim {
    let owned = Owned::launch(Config::new()).expect("a simulation starts");
    let handle = owned.handle();
    std::mem::forget(owned);
    handle
}

everyday!(handle, Sim, sim());
everyday!(erased, AnyBlockOn, AnyBlockOn::new(sim()));
