use std::future::Future;
use std::mem::replace;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::{
    AbortHandle, BlockOn, Current, Instant, JoinError, JoinHandle, NoRuntime, RawTask, Spawn,
    SpawnBlocking, Timer,
};
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::task::coop::{poll_proceed, unconstrained};

/// A task. The handle of the runtime, and nothing else.
#[derive(Debug)]
pub struct Task<T>(tokio::task::JoinHandle<T>);

impl<T> RawTask for Task<T> {
    type Output = T;

    // A panic is a value. A second poll panics: tokio's own does, and where yours does not, you must.
    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        Pin::new(&mut self.0).poll(cx).map_err(join_error)
    }

    // Who collects what has ended does not wait, so the budget of its task must not hide the rest.
    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        pin!(unconstrained(&mut self.0))
            .poll(cx)
            .map_err(join_error)
    }

    fn abort(&mut self) {
        self.0.abort();
    }

    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    // Dropping tokio's handle, which comes next, detaches. Where a drop cancels, call your `detach` here.
    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new(
            self.0.abort_handle(),
            |it| it.abort(),
            |it| it.is_finished(),
        )
    }
}

/// A blocking closure. It runs exactly once, so an abort does nothing; its handle still tells when it has ended.
#[derive(Debug)]
pub struct BlockingTask<T>(Task<T>);

impl<T> RawTask for BlockingTask<T> {
    type Output = T;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.0.poll_join(cx)
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.0.try_join(cx)
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new(self.0.abort_handle(), |_| {}, AbortHandle::is_finished)
    }
}

fn join_error(error: tokio::task::JoinError) -> JoinError {
    match error.try_into_panic() {
        Ok(payload) => JoinError::panic(payload),
        Err(_) => JoinError::cancelled(),
    }
}

pin_project! {
    /// A sleep. Without a deadline it never ends: the clock cannot hold that time.
    #[derive(Debug)]
    pub struct Sleep {
        #[pin]
        inner: tokio::time::Sleep,
        deadline: Option<Instant>,
        elapsed: bool,
        waited: bool,
    }
}

impl Sleep {
    fn new(deadline: Option<Instant>) -> Self {
        let inner = deadline.map_or_else(
            || tokio::time::sleep(Duration::MAX),
            |at| tokio::time::sleep_until(bounded(at)),
        );
        Self {
            inner,
            deadline,
            elapsed: false,
            waited: false,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    // Ready at once where the deadline has passed, and ready again when it is polled again.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        // tokio's timer keeps who waits, so that a reset wakes it. That it fires after thirty years is passed over.
        let Some(deadline) = *this.deadline else {
            let _ = pin!(unconstrained(this.inner)).poll(cx);
            return Poll::Pending;
        };
        // A limit looks at the clock although its future has used up the budget of the task.
        if !*this.elapsed && tokio::time::Instant::now() < deadline.into() {
            *this.waited = true;
            ready!(pin!(unconstrained(this.inner)).poll(cx));
        }
        // A loop of sleeps that are ready at once lets other tasks run; one that has waited did.
        if !replace(this.waited, true) {
            ready!(poll_proceed(cx)).made_progress();
        }
        (*this.elapsed, *this.waited) = (true, false);
        Poll::Ready(())
    }
}

impl anyrt_core::Sleep for Sleep {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        (*this.deadline, *this.elapsed) = (Some(deadline), false);
        this.inner.reset(bounded(deadline));
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_elapsed(&self) -> bool {
        self.elapsed
    }
}

// tokio rounds up to its next millisecond, and the end of the clock has no room for that.
fn bounded(deadline: Instant) -> tokio::time::Instant {
    let room = Duration::from_millis(1);
    if deadline.checked_add(room).is_some() {
        deadline.into()
    } else {
        (deadline - room).into()
    }
}

/// The handle. It carries its runtime, and is cheap to clone.
#[derive(Clone, Debug)]
pub struct Mine(Handle);

impl Mine {
    pub fn new(handle: Handle) -> Self {
        Self(handle)
    }
}

impl Spawn for Mine {
    type Task<T: Send> = Task<T>;

    #[inline]
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        JoinHandle::new(Task(self.0.spawn(future)))
    }
}

impl SpawnBlocking for Mine {
    type BlockingTask<T: Send> = BlockingTask<T>;

    #[inline]
    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        JoinHandle::new(BlockingTask(Task(self.0.spawn_blocking(work))))
    }
}

impl Timer for Mine {
    type Sleep = Sleep;

    // `now() + duration` would overflow for `Duration::MAX`. The guard makes it a sleep of *this* runtime.
    fn sleep(&self, duration: Duration) -> Sleep {
        let _inside = self.0.enter();
        Sleep::new(self.now().checked_add(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Sleep {
        let _inside = self.0.enter();
        Sleep::new(Some(deadline))
    }

    fn now(&self) -> Instant {
        let _inside = self.0.enter();
        tokio::time::Instant::now().into_std()
    }
}

impl BlockOn for Mine {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

impl Current for Mine {
    // No fallback: an error that names the runtime, the call and the way out.
    fn try_current() -> Result<Self, NoRuntime> {
        let way_out = "call it inside the runtime, or pass a handle in";
        Handle::try_current()
            .map(Self)
            .map_err(|_| NoRuntime::new("mine", "Mine::try_current", way_out))
    }
}
