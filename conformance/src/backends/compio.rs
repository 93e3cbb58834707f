//! compio: local.

use std::time::Duration;

use anyrt_compio::{Local, LocalHandle};
use anyrt_conformance_net::Sockets;
use anyrt_core::{BlockOn, Config, Current, Launch, LaunchError};
use compio_runtime::Runtime;

use super::async_task::{KEPT_WAKER, PANICKING_WAKER};
use super::{BlocksByHandle, LocalBlockOn, SharedTimer, SharesTimer, local_os};
use crate::{Backend, HOUR, Native, arm, small};

const OWN_ROOT: &str = "compio's own `block_on` polls its root at every turn";
const OWN_PANIC: &str =
    "compio's own `block_on` drops all tasks of its runtime when the root panics";
const OWN_NESTED: &str = "compio's own `block_on` inside a task waits for ever: the other tasks run in a task of compio's, which is being polled";
const OWN_CLOSURES: &str =
    "the runtime is compio's own, and its drop waits for no closure of a handle";

pub(super) fn backends() -> Vec<Backend> {
    let local = Backend::local::<Local>("compio-local", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .declares(LocalBlockOn)
        .extended(BlocksByHandle::of::<LocalHandle>())
        .declares(SharedTimer)
        .extended(SharesTimer::of::<LocalHandle>())
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(native())
        .claims(|claims| {
            claims.blocking_limit = 500;
            claims.process_threads = vec!["blocking-*".to_owned()];
        });
    // A program that starts compio itself, and asks for a handle inside.
    let mut own = Backend::local::<OwnEntry>("compio-local+ambient", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .declares(SharedTimer)
        .extended(SharesTimer::of::<LocalHandle>())
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .deviates("block_on::is_not_polled_for_unrelated_tasks", OWN_ROOT)
        .deviates("block_on::passes_a_panic_on", OWN_PANIC)
        .deviates("forms::handles_keep_the_rules", OWN_PANIC)
        .deviates("local::nested_block_on_drives_or_panics", OWN_NESTED)
        .native(native())
        .claims(|claims| {
            claims.blocking_limit = 500;
            claims.process_threads = vec!["blocking-*".to_owned()];
        });
    for rule in [
        "blocking::shutdown_waits_within_its_grace",
        "right_runtime::closures_run_on_the_handles_pool",
    ] {
        own = own.deviates(rule, OWN_CLOSURES);
    }
    [local, own].map(local_os::<LocalHandle>).into()
}

/// compio's own runtime, which knows nothing of anyrt.
#[derive(Debug)]
struct OwnEntry {
    handle: LocalHandle,
    runtime: Runtime,
}

impl Launch for OwnEntry {
    type Handle = LocalHandle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        // Refuses what it refuses.
        drop(Local::launch(config)?);
        let runtime = Runtime::new();
        let runtime = runtime
            .map_err(|error| LaunchError::system("compio local", "start compio's driver", error))?;
        let handle = runtime.enter(LocalHandle::current);
        Ok(Self { handle, runtime })
    }

    fn handle(&self) -> LocalHandle {
        self.handle.clone()
    }

    fn shutdown(self, _: Duration) {
        drop(self);
    }
}

impl BlockOn for OwnEntry {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

fn native() -> Native {
    Native {
        facilities: || Box::pin(facilities()),
        spawn: |n| {
            let runtime = Runtime::new().expect("the driver starts");
            (0..n).for_each(|_| runtime.spawn(small([1, 2])).detach());
        },
        sleep: |n| {
            let runtime = Runtime::new().expect("the driver starts");
            runtime.enter(|| {
                for _ in 0..n {
                    arm(compio_runtime::time::sleep(HOUR));
                }
            });
        },
    }
}

/// compio's sleeps stay on their thread, and are left out: the future must be `Send`.
async fn facilities() {
    let task = compio_runtime::spawn(async { 7 });
    let output = task.await.expect("it does not panic");
    assert_eq!(output, 7, "compio_runtime::spawn");
}
