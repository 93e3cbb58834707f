use std::fmt::Debug;
use std::future::Future;

use anyrt_core::{Config, Launch, LaunchError, Spawn};

/// What a program starts and drives: everything that launches, and the global runtimes, which are there already.
pub trait Start: Sized {
    type Handle: Clone + Debug + 'static;

    /// Starts the runtime, and refuses options that it cannot honour.
    fn start(config: Config) -> Result<Self, LaunchError>;

    fn handle(&self) -> Self::Handle;

    #[track_caller]
    fn drive<F: Future>(&self, future: F) -> F::Output;

    /// Runs `main` as a task and waits for it.
    #[track_caller]
    fn drive_task<F>(&self, main: F) -> F::Output
    where
        Self::Handle: Spawn,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.drive(self.handle().spawn(main)) {
            Ok(output) => output,
            Err(error) => error.resume_unwind(),
        }
    }
}

impl<L: Launch> Start for L {
    type Handle = L::Handle;

    fn start(config: Config) -> Result<Self, LaunchError> {
        L::launch(config)
    }

    fn handle(&self) -> L::Handle {
        Launch::handle(self)
    }

    #[track_caller]
    fn drive<F: Future>(&self, future: F) -> F::Output {
        self.block_on(future)
    }
}
