use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use anyrt_core::{Instant, JoinHandle, MissedTick, RawTask, Sleep, yield_now};

/// How long the sleeps are that are armed and dropped.
pub const HOUR: Duration = Duration::from_secs(3600);

/// Polls `sleep` once, and drops it.
///
/// # Panics
///
/// When it was ready.
pub fn arm(sleep: impl Future<Output = ()>) {
    let poll = pin!(sleep).poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending(), "a sleep of an hour was ready at once");
}

/// A future of two words that yields once, as it is spawned natively and through the layers.
pub async fn small(words: [usize; 2]) {
    yield_now().await;
    std::hint::black_box(words);
}

/// A closure as a layer runs it on its blocking pool.
pub type BlockingWork = Box<dyn FnOnce() -> Value + Send>;
/// A future as a thread blocks on it: by value, so that who drops it when is the runtime's business.
pub type RootFuture<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Ticks: what is left of an interval without its type.
pub trait Tick {
    /// Polls for the next tick and returns the time at which it was due.
    fn poll_tick(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant>;
    /// Restarts the phase: the next tick comes one period from now.
    fn reset(self: Pin<&mut Self>);
    /// Restarts the phase at `deadline`.
    fn reset_at(self: Pin<&mut Self>, deadline: Instant);
}

impl<T: Tick + ?Sized> Tick for Pin<Box<T>> {
    fn poll_tick(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        self.get_mut().as_mut().poll_tick(cx)
    }

    fn reset(self: Pin<&mut Self>) {
        self.get_mut().as_mut().reset();
    }

    fn reset_at(self: Pin<&mut Self>, deadline: Instant) {
        self.get_mut().as_mut().reset_at(deadline);
    }
}

/// Sizes of a runtime's own types, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Of the handle of a task whose output is one machine word.
    pub join_handle: usize,
    /// Of the handle of a blocking closure with such an output.
    pub blocking_handle: usize,
    /// Of a sleep.
    pub sleep: usize,
}

/// Makes the layer of one kind of runtimes, and the types that go through it.
macro_rules! layer {
    (
        $(#[$doc:meta])+
        $layer:ident: $($auto:ident)*; $($send:ident)?;
        $value:ident $work:ident $task:ident $sleep:ident $timeout:ident $interval:ident;
        $($more:tt)*
    ) => {
        /// An output without its type.
        pub type $value = Box<dyn Any $(+ $send)?>;
        /// A future as a layer spawns it.
        pub type $work = Pin<Box<dyn Future<Output = $value> $(+ $send)?>>;
        /// A task as a layer returns it.
        pub type $task = Box<dyn RawTask<Output = $value> $(+ $auto)*>;
        /// A sleep as a layer returns it.
        pub type $sleep = Pin<Box<dyn Sleep $(+ $auto)*>>;
        /// A future under a time limit; its output is `None` when the limit passed.
        pub type $timeout = Pin<Box<dyn Future<Output = Option<$value>> $(+ $send)?>>;
        /// An interval as a layer returns it.
        pub type $interval = Pin<Box<dyn Tick $(+ $send)?>>;

        $(#[$doc])+
        pub trait $layer: Debug $(+ $auto)* + 'static {
            /// Starts `future` as a task.
            fn spawn(&self, future: $work) -> $task;

            /// Starts `future` as a task with a name, where the runtime takes names.
            fn spawn_named(&self, _name: &str, future: $work) -> $task {
                self.spawn(future)
            }

            /// Starts `future` as a task that nobody joins.
            fn spawn_detached(&self, future: Pin<Box<dyn Future<Output = ()> $(+ $send)?>>) {
                JoinHandle::new(self.spawn(Box::pin(async move {
                    future.await;
                    Box::new(()) as $value
                })))
                .detach();
            }

            /// Runs `work` on the blocking pool. Only called where the backend has the capability `Blocking`.
            fn spawn_blocking(&self, work: BlockingWork) -> BoxTask;

            /// Runs `work` on the blocking pool under a name, where the runtime takes names.
            fn spawn_blocking_named(&self, _name: &str, work: BlockingWork) -> BoxTask {
                self.spawn_blocking(work)
            }

            /// Makes a sleep of `duration`.
            fn sleep(&self, duration: Duration) -> $sleep;

            /// Makes a sleep until `deadline`.
            fn sleep_until(&self, deadline: Instant) -> $sleep;

            /// Reads the runtime's clock.
            fn now(&self) -> Instant;

            /// Reads the wall clock.
            fn system_time(&self) -> SystemTime {
                SystemTime::now()
            }

            /// Gives `future` at most `limit`.
            fn timeout(&self, limit: Duration, future: $work) -> $timeout;

            /// Makes an interval.
            fn interval_at(&self, start: Instant, period: Duration, missed: MissedTick) -> $interval;

            /// Spawns a future without size whose output has none.
            fn spawn_zero_sized(&self) -> $task {
                self.spawn(Box::pin(async { Box::new(()) as $value }))
            }

            /// Spawns a future of half a MiB, by value, whose output is the sum of its bytes, each of which is 1.
            fn spawn_big(&self) -> $task;

            /// Spawns a future of two words, by value, whose output is dropped, and detaches it. Its allocations are counted,
            /// so a layer that does not spawn it by value is seen to make more.
            fn spawn_small(&self) {
                self.spawn_detached(Box::pin(std::future::ready(())));
            }

            /// Makes a sleep of an hour, by value, polls it once with a waker that does nothing, and drops it.
            fn arm_sleep(&self) {
                arm(self.sleep(HOUR));
            }

            /// The sizes of the runtime's own types.
            fn sizes(&self) -> Sizes;

            $($more)*
        }
    };
}

layer! {
    /// A runtime whose tasks are `Send`, as the suite uses it.
    ///
    /// Every `Runtime + BlockOn` of core's is one already. A project with a runtime module of its own implements it
    /// by hand, in some forty lines, and is then held to the same rules without adopting core's traits.
    Layer: Send Sync; Send;
    Value BoxWork BoxTask BoxSleep BoxTimeout BoxInterval;

    /// Blocks the calling thread on `future`, through the handle.
    fn block_on(&self, future: RootFuture<'_>);
}

layer! {
    /// A runtime whose tasks stay on one thread, as the suite uses it. See [`Layer`].
    LocalLayer: ; ;
    LocalValue LocalBoxWork LocalBoxTask LocalBoxSleep LocalBoxTimeout LocalBoxInterval;
}
