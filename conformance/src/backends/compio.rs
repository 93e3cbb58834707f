//! compio: local.

use anyrt_compio::{Local, LocalHandle};
use anyrt_conformance_net::Sockets;
use anyrt_core::Config;

use crate::{Backend, HOUR, Native, arm, small};

const PANICKING_WAKER: &str = "async-task aborts the process when a joiner's waker panics; only a wrapper around every waker could stop that";
const BOXED: &str = "compio's sleep has no name, so it is boxed: one allocation per sleep";

pub(super) fn backends() -> Vec<Backend> {
    let local = Backend::local::<Local>("compio-local", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("memory::allocations_equal_native", BOXED)
        .native(native())
        .claims(|claims| {
            claims.blocking_limit = 500;
            claims.process_threads = vec!["blocking-*".to_owned()];
        });
    vec![local]
}

fn native() -> Native {
    Native {
        facilities: || Box::pin(facilities()),
        spawn: |n| {
            let runtime = compio_runtime::Runtime::new().expect("the driver starts");
            (0..n).for_each(|_| runtime.spawn(small([1, 2])).detach());
        },
        sleep: |n| {
            let runtime = compio_runtime::Runtime::new().expect("the driver starts");
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
