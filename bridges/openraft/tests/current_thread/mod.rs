use std::future::Future;
use std::time::Duration;

use anyrt_core::{Config, Flavor, LaunchError, prelude::*};
use anyrt_tokio::Tokio;

/// tokio on the caller's thread.
#[derive(Debug)]
pub(crate) struct CurrentThread(anyrt_tokio::Owned);

impl Launch for CurrentThread {
    type Handle = Tokio;

    fn launch(_: Config) -> Result<Self, LaunchError> {
        Launch::launch(Config::new().flavor(Flavor::CurrentThread)).map(Self)
    }

    fn handle(&self) -> Tokio {
        self.0.handle()
    }

    fn shutdown(self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

impl BlockOn for CurrentThread {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
