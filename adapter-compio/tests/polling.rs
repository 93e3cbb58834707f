//! The suite over compio's poller. The conformance command has the driver that compio takes by itself: io_uring, where the kernel
//! has it.

use std::time::Duration;

use anyrt_compio::{Driver, Local, LocalHandle};
use anyrt_conformance::{Backend, count_heap, suite};
use anyrt_conformance_net::Sockets;
use anyrt_core::{BlockOn, Config, Launch, LaunchError};
use compio_driver::{DriverType, ProactorBuilder};
use compio_runtime::RuntimeBuilder;

/// A local runtime that never uses io_uring.
#[derive(Debug)]
struct Polling(Local);

impl Launch for Polling {
    type Handle = LocalHandle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        // Refuses what it refuses.
        drop(Local::launch(config)?);
        let mut proactor = ProactorBuilder::new();
        proactor.driver_type(DriverType::Poll);
        let runtime = RuntimeBuilder::new().with_proactor(proactor).build();
        let runtime = runtime
            .map_err(|error| LaunchError::system("compio local", "start a poller", error))?;
        assert_eq!(runtime.driver_type(), DriverType::Poll);
        Ok(Self(Local::with_driver(Driver::new(runtime))))
    }

    fn handle(&self) -> LocalHandle {
        self.0.handle()
    }

    fn shutdown(self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

impl BlockOn for Polling {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

const KEPT_WAKER: &str =
    "async-task keeps the waker with which a handle was last polled until the task ends";

const PANICKING_WAKER: &str = "async-task aborts the process when a joiner's waker panics; only a wrapper around every waker could stop that";

count_heap!();
suite!(
    Backend::local::<Polling>("compio-polling", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .local_os_sockets::<LocalHandle>()
        .local_unix_sockets::<LocalHandle>()
        .local_signals::<LocalHandle>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .claims(|claims| {
            claims.blocking_limit = 500;
            claims.process_threads = vec!["blocking-*".to_owned()];
        })
);
