use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{BlockOn, Config, ConfigOption, Flavor, Launch, LaunchError};

use crate::handle::RUNTIME;
use crate::runner::env;
use crate::schedule::shared::Shared;
use crate::settings::Settings;
use crate::task::locals;
use crate::{Builder, Event, Failure, Sim, TaskInfo, context};

/// A simulation that a program or a test drives, made by [`Builder::build`](crate::Builder::build) or launched.
///
/// It stays on the thread that built it, which polls everything, starts no thread, and runs only inside
/// [`block_on`](BlockOn::block_on), [`Sim::advance`] and their kin. Of [`Config`] it honours a
/// [flavour](Config::flavor) of current-thread and nothing else. [`launch`](Launch::launch) makes what the innermost
/// [`Builder::scope`] around it says; where there is none, it takes its seed from `ANYRT_SIM_SEED`, or 0.
///
/// # Cancellation
///
/// Dropping it drops its tasks, in the order of their numbers, and queued blocking closures unrun. This neither waits nor
/// blocks, inside async code or outside. Destructors find it through [`Ambient`](crate::Ambient) and
/// [`Current`](anyrt_core::Current), and what they spawn resolves *cancelled*.
///
/// # Panics
///
/// [`block_on`](BlockOn::block_on) panics with a report when the simulation cannot go on; inside its own tasks it works, by
/// running the other tasks meanwhile.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_sim::Owned;
///
/// let rt = Owned::launch(Config::new())?;
/// assert_eq!(rt.run(async { 6 * 7 }), 42);
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
pub struct Owned {
    shared: Arc<Shared>,
    /// Local tasks are on this thread.
    not_send: PhantomData<*const ()>,
}

impl Owned {
    pub(crate) fn new(settings: Settings) -> Self {
        let shared = Shared::new(settings);
        locals::open(shared.id);
        Self {
            shared,
            not_send: PhantomData,
        }
    }

    fn sim(&self) -> Sim {
        Sim::new(Arc::clone(&self.shared))
    }

    /// Runs `future` to its end, and returns a deadlock or a limit as a value: see [`Sim::try_block_on`].
    ///
    /// # Errors
    ///
    /// [`Failure`], when the simulation cannot go on.
    ///
    /// # Panics
    ///
    /// When `future` panics, with its payload.
    ///
    /// # Examples
    ///
    /// ```
    /// let rt = anyrt_sim::Sim::builder().build();
    /// assert_eq!(rt.try_block_on(async { 42 }).unwrap(), 42);
    /// assert!(rt.try_block_on(std::future::pending::<()>()).is_err());
    /// ```
    #[track_caller]
    pub fn try_block_on<F: Future>(&self, future: F) -> Result<F::Output, Failure> {
        self.sim().try_block_on(future)
    }

    /// The last events: see [`Sim::events`].
    pub fn events(&self) -> Vec<Event> {
        self.sim().events()
    }

    /// The tasks that have not ended: see [`Sim::tasks`].
    pub fn tasks(&self) -> Vec<TaskInfo> {
        self.sim().tasks()
    }
}

impl Launch for Owned {
    type Handle = Sim;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check(RUNTIME, &[ConfigOption::Flavor])?;
        config.check_flavor(RUNTIME, Flavor::CurrentThread)?;
        let scoped = Builder::scoped();
        let builder = scoped.unwrap_or_else(|| Sim::builder().seed(env::seed().unwrap_or(0)));
        Ok(builder.build())
    }

    fn handle(&self) -> Sim {
        self.sim()
    }

    /// Drops the tasks. There is nothing to give a grace to: no thread of the simulation's own runs anything.
    fn shutdown(self, _grace: Duration) {}
}

impl BlockOn for Owned {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.sim().block_on(future)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Destructors look for the runtime that they belong to.
        let _context = context::enter(Arc::clone(&self.shared));
        self.shared.close();
        locals::close(self.shared.id);
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").finish_non_exhaustive()
    }
}
