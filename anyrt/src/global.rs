//! async-std's runtime as one that a program launches.

use std::future::Future;
use std::time::Duration;

use anyrt_async_std::AsyncStd;
use anyrt_core::{BlockOn, Config, Launch, LaunchError};

/// The runtime that async-std starts for the whole process at its first use and never ends.
#[derive(Debug)]
pub struct Global(AsyncStd);

impl Launch for Global {
    type Handle = AsyncStd;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        // Nothing of it can be set from here.
        config.check("async-std", &[])?;
        Ok(Self(AsyncStd::global()))
    }

    fn handle(&self) -> AsyncStd {
        self.0.clone()
    }

    fn shutdown(self, _: Duration) {}
}

impl BlockOn for Global {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
