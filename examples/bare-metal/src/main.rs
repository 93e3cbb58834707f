//! A library function that knows no runtime, on a board without an operating system.

#![no_std]
#![no_main]

extern crate alloc;

mod board;
mod runtime;

use core::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, JoinError};
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

use crate::runtime::Bare;

/// Written against anyrt's traits alone, so it also runs on tokio, smol, async-std and in simulation.
///
/// It does not ask for a whole `LocalRuntime`, because a board has no threads for `SpawnBlocking`.
async fn measure<R: SpawnLocal + Timer + Clone + 'static>(rt: &R) -> Result<u32, JoinError> {
    let timer = rt.clone();
    let mut sensor = rt.spawn_local(async move {
        let mut sum = 0;
        for reading in 0..4 {
            timer.sleep(Duration::from_millis(10)).await;
            sum += reading * 7;
        }
        sum
    });
    // Too short a limit; the task goes on.
    let limit = Duration::from_millis(15);
    assert!(rt.timeout(limit, &mut sensor).await.is_err());
    sensor.await
}

/// Aborts a task that would wait for ever.
async fn stop<R: SpawnLocal>(rt: &R) -> bool {
    let mut waits = rt.spawn_local(core::future::pending::<()>());
    waits.abort();
    waits.await.is_err_and(|error| error.is_cancelled())
}

#[entry]
fn main() -> ! {
    board::start();
    let bare = Bare::launch(Config::new()).expect("no option is set");
    let rt = bare.handle();
    let begun = rt.now();
    let sum = bare.block_on(measure(&rt));
    let took = rt.now().duration_since(begun);
    hprintln!("the task's sum is {:?}", sum);
    hprintln!(
        "four sleeps of 10 ms took at least 40 ms: {}",
        took >= Duration::from_millis(40)
    );
    hprintln!("an aborted task is cancelled: {}", bare.block_on(stop(&rt)));
    debug::exit(debug::EXIT_SUCCESS);
    unreachable!("qemu has ended")
}
