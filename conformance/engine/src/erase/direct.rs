use std::fmt::{self, Debug};
use std::future::Future;
use std::mem::size_of;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use anyrt_core::{
    BlockOn, Instant, JoinError, JoinHandle, MissedTick, Runtime, Spawn, SpawnBlocking, SpawnLocal,
    SpawnMeta, Timer,
};

use super::layer::*;
use super::task::Held;
use super::wrap::{Big, Boxed, Limited, LocalBoxed};

/// A zero-sized future with a zero-sized output.
async fn nothing() {}

/// Awaits a task whose panic becomes one of the caller's.
async fn joined<F, T>(task: F) -> T
where
    F: Future<Output = Result<T, JoinError>>,
{
    task.await.unwrap_or_else(|error| error.resume_unwind())
}

/// How a runtime runs a blocking closure.
type SpawnBlockingFn<R> = fn(&R, SpawnMeta<'_>, BlockingWork) -> BoxTask;

fn on_pool<R: SpawnBlocking + 'static>(
    runtime: &R,
    meta: SpawnMeta<'_>,
    work: BlockingWork,
) -> BoxTask {
    Box::new(Held::new(runtime.spawn_blocking_with(meta, work)))
}

/// Makes the layer around one kind of core's runtimes.
macro_rules! direct {
    (
        $(#[$doc:meta])+
        $name:ident: $layer:ident; $($send:ident)?; [$($bound:tt)+];
        $boxed:ident $work:ident $task:ident $sleep:ident $timeout:ident $interval:ident;
        $spawn_trait:ident { $task_type:ident $spawn:ident $spawn_named:ident $spawn_detached:ident };
        blocking handle: $blocking:expr;
        $($more:tt)*
    ) => {
        $(#[$doc])+
        #[derive(Clone)]
        pub struct $name<R> {
            runtime: R,
            blocking: Option<SpawnBlockingFn<R>>,
        }

        impl<R> $name<R> {
            fn submit(&self, meta: SpawnMeta<'_>, work: BlockingWork) -> BoxTask {
                let spawn = self.blocking;
                let spawn = spawn.expect("only rules that need the capability Blocking get here");
                spawn(&self.runtime, meta, work)
            }
        }

        impl<R: Debug> Debug for $name<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.runtime.fmt(f)
            }
        }

        impl<R: $($bound)+> $layer for $name<R> {
            fn spawn(&self, future: $work) -> $task {
                Box::new(Held::new(self.runtime.$spawn(future)))
            }

            fn spawn_named(&self, name: &str, future: $work) -> $task {
                Box::new(Held::new(self.runtime.$spawn_named(name, future)))
            }

            fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> $(+ $send)?>>) {
                self.runtime.$spawn_detached(future);
            }

            fn spawn_blocking(&self, work: BlockingWork) -> BoxTask {
                self.submit(SpawnMeta::unnamed(), work)
            }

            fn spawn_blocking_named(&self, name: &str, work: BlockingWork) -> BoxTask {
                self.submit(SpawnMeta::named(name), work)
            }

            fn sleep(&self, duration: Duration) -> $sleep {
                Box::pin(self.runtime.sleep(duration))
            }

            fn sleep_until(&self, deadline: Instant) -> $sleep {
                Box::pin(self.runtime.sleep_until(deadline))
            }

            fn now(&self) -> Instant {
                self.runtime.now()
            }

            fn system_time(&self) -> SystemTime {
                self.runtime.system_time()
            }

            fn timeout(&self, limit: Duration, future: $work) -> $timeout {
                let timeout = self.runtime.timeout(limit, future);
                Box::pin(Limited { timeout })
            }

            fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> $interval {
                Box::pin(self.runtime.interval_at(start, period).missed_tick(missed))
            }

            fn spawn_zero_sized(&self) -> $task {
                let future = joined(self.runtime.$spawn(nothing()));
                self.spawn(Box::pin($boxed { future }))
            }

            fn spawn_big(&self) -> $task {
                let future = joined(self.runtime.$spawn(Big::new()));
                self.spawn(Box::pin($boxed { future }))
            }

            fn spawn_small(&self) {
                self.runtime.$spawn(small([1, 2])).detach();
            }

            fn arm_sleep(&self) {
                arm(self.runtime.sleep(HOUR));
            }

            fn sizes(&self) -> Sizes {
                Sizes {
                    join_handle: size_of::<JoinHandle<<R as $spawn_trait>::$task_type<usize>>>(),
                    blocking_handle: $blocking,
                    sleep: size_of::<<R as Timer>::Sleep>(),
                }
            }

            $($more)*
        }
    };
}

direct! {
    /// A [`Runtime`] of core's as a [`Layer`], with every operation its own.
    Direct: Layer; Send; [Runtime + BlockOn];
    Boxed BoxWork BoxTask BoxSleep BoxTimeout BoxInterval;
    Spawn { Task spawn spawn_named spawn_detached };
    blocking handle: size_of::<JoinHandle<<R as SpawnBlocking>::BlockingTask<usize>>>();

    fn block_on(&self, future: RootFuture<'_>) {
        self.runtime.block_on(future);
    }
}

direct! {
    /// A local runtime of core's as a [`LocalLayer`], with every operation its own.
    LocalDirect: LocalLayer; ; [SpawnLocal + Timer<Sleep: 'static> + Clone + Debug + 'static];
    LocalBoxed LocalBoxWork LocalBoxTask LocalBoxSleep LocalBoxTimeout LocalBoxInterval;
    SpawnLocal { LocalTask spawn_local spawn_local_named spawn_local_detached };
    blocking handle: 0;
}

impl<R: Runtime> Direct<R> {
    /// A runtime whose tasks are `Send`.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            blocking: Some(on_pool),
        }
    }
}

impl<R> LocalDirect<R> {
    /// A runtime without a blocking pool.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            blocking: None,
        }
    }

    /// A runtime with a blocking pool.
    pub fn with_blocking(runtime: R) -> Self
    where
        R: SpawnBlocking + 'static,
    {
        Self {
            runtime,
            blocking: Some(on_pool),
        }
    }

    /// The runtime's own handle.
    pub(super) fn runtime(&self) -> &R {
        &self.runtime
    }
}
