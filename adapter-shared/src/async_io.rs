use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use anyrt_core::{Instant, LaunchError};

use crate::{LocalDriver, LocalExecutor, Reactor, ShareDriver, Sleep};

/// Drives a local runtime on the process-wide reactor of async-io.
#[derive(Clone, Copy, Debug)]
pub struct AsyncIo(());

impl LocalDriver for AsyncIo {
    type Sleep = Sleep;

    #[inline]
    fn launch(_: &'static str) -> Result<Self, LaunchError> {
        Ok(Self(()))
    }

    #[inline]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        async_io::block_on(future)
    }

    #[inline]
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::after(duration)
    }

    #[inline]
    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(deadline)
    }
}

impl ShareDriver for AsyncIo {
    type SharedTimer = Reactor;

    #[inline]
    fn shared_timer(&self, runtime: &'static str, _: &Rc<LocalExecutor>) -> Reactor {
        Reactor::of(runtime)
    }
}
