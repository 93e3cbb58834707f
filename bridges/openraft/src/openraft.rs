use std::future::Future;
use std::io;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, Current, Elapsed, JoinError, JoinHandle, Launch, Timeout, Timer};
use openraft_rt::{AsyncRuntime, OptionalSend};
use openraft_rt_tokio::{TokioMpsc, TokioMutex, TokioOneshot};

use crate::{OrderedWatch, RaftInstant};

/// openraft's runtime on any that `L` launches.
///
/// Every static call of openraft's finds the runtime around by [`Current`]; see the crate's page.
///
/// # Panics
///
/// Spawns, sleeps and timeouts outside of the runtime, with the text of [`NoRuntime`](anyrt_core::NoRuntime). `new` when the
/// runtime cannot be launched.
///
/// # Cost
///
/// A look-up per call. Sleeps, timeouts and tasks are the runtime's own, without a box.
///
/// # Examples
///
/// ```
/// use anyrt_openraft::Openraft;
/// use openraft_rt::AsyncRuntime;
///
#[cfg_attr(
    not(feature = "single-threaded"),
    doc = "type Rt = Openraft<anyrt_smol::Owned>;"
)]
#[cfg_attr(
    feature = "single-threaded",
    doc = "type Rt = Openraft<anyrt_smol::Local>;"
)]
/// let answer = Rt::run(async { Rt::spawn(async { 42 }).await });
/// assert_eq!(answer.unwrap(), 42);
/// ```
#[derive(Debug)]
pub struct Openraft<L> {
    owner: L,
}

/// Launches `L` with as many threads as it lets itself be given.
fn launch<L: Launch>(threads: usize) -> L {
    let launched = match L::launch(Config::new().worker_threads(threads)) {
        // A global or local runtime has the threads that it has.
        Err(error) if error.is_unsupported() => L::launch(Config::new()),
        launched => launched,
    };
    launched.unwrap_or_else(|error| panic!("{error}"))
}

/// Writes the implementation for tasks that are `Send`, or for those that are not.
macro_rules! async_runtime {
    ($runtime:ident, $spawns:ident, $task:ident, $spawn:ident) => {
        impl<L> AsyncRuntime for Openraft<L>
        where
            L: Launch<Handle: anyrt_core::$runtime + Current> + 'static,
        {
            type JoinError = JoinError;
            type JoinHandle<T: OptionalSend + 'static> =
                JoinHandle<<L::Handle as anyrt_core::$spawns>::$task<T>>;
            type Sleep = <L::Handle as Timer>::Sleep;
            type Instant = RaftInstant<L::Handle>;
            type TimeoutError = Elapsed;
            type Timeout<R, T: Future<Output = R> + OptionalSend> = Timeout<T, L::Handle>;
            type ThreadLocalRng = rand::rngs::ThreadRng;
            type Mpsc = TokioMpsc;
            type Watch = OrderedWatch;
            type Oneshot = TokioOneshot;
            type Mutex<T: OptionalSend + 'static> = TokioMutex<T>;

            #[inline]
            #[track_caller]
            fn spawn<T>(future: T) -> Self::JoinHandle<T::Output>
            where
                T: Future + OptionalSend + 'static,
                T::Output: OptionalSend + 'static,
            {
                L::Handle::current().$spawn(future)
            }

            #[inline]
            #[track_caller]
            fn sleep(duration: Duration) -> Self::Sleep {
                L::Handle::current().sleep(duration)
            }

            #[inline]
            #[track_caller]
            fn sleep_until(deadline: Self::Instant) -> Self::Sleep {
                L::Handle::current().sleep_until(deadline.into())
            }

            #[inline]
            #[track_caller]
            fn timeout<R, F>(duration: Duration, future: F) -> Self::Timeout<R, F>
            where
                F: Future<Output = R> + OptionalSend,
            {
                L::Handle::current().timeout(duration, future)
            }

            #[inline]
            #[track_caller]
            fn timeout_at<R, F>(deadline: Self::Instant, future: F) -> Self::Timeout<R, F>
            where
                F: Future<Output = R> + OptionalSend,
            {
                L::Handle::current().timeout_at(deadline.into(), future)
            }

            #[inline]
            fn is_panic(error: &JoinError) -> bool {
                error.is_panic()
            }

            #[inline]
            fn thread_rng() -> Self::ThreadLocalRng {
                rand::rng()
            }

            /// Launches the runtime. `threads` is a wish, which global and local runtimes have no use for.
            #[track_caller]
            fn new(threads: usize) -> Self {
                Self {
                    owner: launch(threads),
                }
            }

            #[track_caller]
            fn block_on<F, T>(&mut self, future: F) -> T
            where
                F: Future<Output = T>,
            {
                self.owner.block_on(future)
            }

            #[track_caller]
            fn spawn_blocking<F, T>(work: F) -> impl Future<Output = Result<T, io::Error>> + Send
            where
                F: FnOnce() -> T + Send + 'static,
                T: Send + 'static,
            {
                let task = L::Handle::current().spawn_blocking(work);
                async { task.await.map_err(io::Error::other) }
            }
        }
    };
}

#[cfg(not(feature = "single-threaded"))]
async_runtime!(Runtime, Spawn, Task, spawn);
#[cfg(feature = "single-threaded")]
async_runtime!(LocalRuntime, SpawnLocal, LocalTask, spawn_local);
