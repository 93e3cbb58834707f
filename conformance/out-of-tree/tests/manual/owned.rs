use std::future::Future;
use std::time::Duration;

use anyrt_core::{BlockOn, Config, ConfigOption, Launch, LaunchError};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::Mine;

/// A runtime of the program's own.
#[derive(Debug)]
pub struct Owned(Option<Runtime>);

impl Owned {
    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("taken by its end only")
    }

    fn end(&mut self, end: impl FnOnce(Runtime)) {
        match self.0.take() {
            Some(runtime) if Handle::try_current().is_ok() => runtime.shutdown_background(),
            Some(runtime) => end(runtime),
            None => {}
        }
    }
}

impl BlockOn for Owned {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime().block_on(future)
    }
}

impl Launch for Owned {
    type Handle = Mine;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("mine", &[ConfigOption::WorkerThreads])?;
        let mut builder = Builder::new_multi_thread();
        if let Some(threads) = config.threads() {
            builder.worker_threads(threads);
        }
        let runtime = builder.enable_time().build();
        let refused = |error| LaunchError::system("mine", "start its runtime", error);
        Ok(Self(Some(runtime.map_err(refused)?)))
    }

    fn handle(&self) -> Mine {
        Mine::new(self.runtime().handle().clone())
    }

    fn shutdown(mut self, grace: Duration) {
        self.end(|runtime| runtime.shutdown_timeout(grace));
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.end(drop);
    }
}
