use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use anyrt_core::{
    AbortHandle, BlockOn, Instant, JoinError, JoinHandle, RawTask, Spawn, SpawnBlocking,
    SpawnLocal, SpawnMeta, Timer,
};
use pin_project_lite::pin_project;

/// A panic of a task or a blocking closure that no joiner received.
///
/// # Examples
///
/// ```
/// use anyrt::{AnyRuntime, UnheardPanic, WatchPanics};
///
/// fn note(panic: &UnheardPanic) {
///     eprintln!("{} (spawned at {})", panic.message(), panic.location());
/// }
///
/// fn watched(rt: AnyRuntime) -> WatchPanics<AnyRuntime> {
///     WatchPanics::new(rt, note)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct UnheardPanic {
    message: String,
    name: Option<String>,
    location: &'static Location<'static>,
}

impl UnheardPanic {
    /// What the panic said, or "a payload that is not text".
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The name of the task, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The line that spawned the task.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

impl fmt::Display for UnheardPanic {
    /// Names the task, its line, and the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "task `{name}`")?,
            None => f.write_str("a task")?,
        }
        write!(
            f,
            " spawned at {} panicked: {}",
            self.location, self.message
        )
    }
}

type Hook = dyn Fn(&UnheardPanic) + Send + Sync;

/// A handle that calls a hook for each panic that nobody receives.
///
/// A panic in a task is a value for its joiner. Where the handle was dropped, nobody receives it, and the program goes on as if
/// nothing had happened. Spawn through this handle, and the hook is called
///
/// - when a task or closure panics whose handle was dropped before;
/// - when a handle is dropped, unjoined, whose task or closure has panicked.
///
/// A panic that a joiner received calls no hook. The hook runs on the thread of the panic, or on that which drops the handle.
/// It may log, [abort](std::process::abort) the process, or cancel a token that shuts the program down. Its own panics are
/// contained where the task's are.
///
/// It spawns local tasks where the handle inside does. In tests, `#[anyrt::test(unheard_panics = "fail")]` makes the test fail.
///
/// # Cost
///
/// An allocation and a lock for each task, two more for a named one, and a `catch_unwind` for each poll.
///
/// # Examples
///
/// Shut down at the first one:
///
/// ```
/// # #[cfg(feature = "tokio")]
/// # {
/// use std::sync::mpsc;
/// use anyrt::prelude::*;
/// use anyrt::{Config, WatchPanics};
///
/// let (stop, stopped) = mpsc::channel();
/// let runtime = anyrt::tokio::Owned::launch(Config::new())?;
/// let rt = WatchPanics::new(runtime.handle(), move |panic| {
///     stop.send(panic.to_string()).ok();
/// });
///
/// rt.spawn_named("billing", async { panic!("out of stamps") }).detach();
/// let reason = stopped.recv().unwrap();
/// assert!(reason.contains("task `billing`") && reason.ends_with("panicked: out of stamps"));
/// # }
/// # Ok::<(), anyrt::LaunchError>(())
/// ```
#[derive(Clone)]
pub struct WatchPanics<R> {
    inner: R,
    hook: Arc<Hook>,
}

impl<R> WatchPanics<R> {
    /// Wraps `runtime`; `hook` is called for each panic that nobody receives.
    pub fn new(runtime: R, hook: impl Fn(&UnheardPanic) + Send + Sync + 'static) -> Self {
        Self {
            inner: runtime,
            hook: Arc::new(hook),
        }
    }

    /// The handle inside, through which panics go unwatched.
    pub fn as_inner(&self) -> &R {
        &self.inner
    }

    fn watch(&self, meta: SpawnMeta<'_>) -> Arc<Watch> {
        Arc::new(Watch {
            hook: Arc::clone(&self.hook),
            name: meta.name().map(Into::into),
            location: meta.location(),
            state: Mutex::new(State::Running),
        })
    }
}

impl<R: fmt::Debug> fmt::Debug for WatchPanics<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WatchPanics").field(&self.inner).finish()
    }
}

/// What a task and its handle share.
struct Watch {
    hook: Arc<Hook>,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
    state: Mutex<State>,
}

enum State {
    /// The handle is there, and the task has not panicked.
    Running,
    /// The handle is gone.
    Detached,
    /// The task panicked with this message, and the handle may still tell somebody.
    Panicked(String),
    /// There is nothing left to tell.
    Done,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a part of the task, and takes note of its panic.
    fn run<T>(&self, part: impl FnOnce() -> T) -> T {
        match catch_unwind(AssertUnwindSafe(part)) {
            Ok(output) => output,
            Err(payload) => {
                let text = payload
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned());
                let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
                self.panicked(text.unwrap_or_else(|| "a payload that is not text".into()));
                resume_unwind(payload)
            }
        }
    }

    fn panicked(&self, message: String) {
        let mut state = self.state();
        match *state {
            State::Running => *state = State::Panicked(message),
            State::Detached => {
                *state = State::Done;
                drop(state);
                self.call_hook(message);
            }
            State::Panicked(_) | State::Done => {}
        }
    }

    fn joined(&self) {
        *self.state() = State::Done;
    }

    fn detached(&self) {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Done) {
            State::Running => *state = State::Detached,
            State::Panicked(message) => {
                drop(state);
                self.call_hook(message);
            }
            before @ (State::Detached | State::Done) => *state = before,
        }
    }

    fn call_hook(&self, message: String) {
        (self.hook)(&UnheardPanic {
            message,
            name: self.name.as_deref().map(Into::into),
            location: self.location,
        });
    }
}

pin_project! {
    /// The future of a task, watched.
    struct Watched<F> {
        #[pin]
        future: F,
        watch: Arc<Watch>,
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.watch.run(|| this.future.poll(cx))
    }
}

/// A task of [`WatchPanics`], as [`JoinHandle`] holds it.
///
/// # Examples
///
/// ```
/// use anyrt::{JoinHandle, Spawn, WatchPanics, WatchedTask};
///
/// fn start<R: Spawn>(rt: &WatchPanics<R>) -> JoinHandle<WatchedTask<R::Task<u32>>> {
///     rt.spawn(async { 42 })
/// }
/// ```
pub struct WatchedTask<H: RawTask> {
    handle: JoinHandle<H>,
    watch: Arc<Watch>,
}

impl<H: RawTask> WatchedTask<H> {
    fn new(handle: JoinHandle<H>, watch: Arc<Watch>) -> JoinHandle<Self> {
        JoinHandle::new(Self { handle, watch })
    }
}

impl<H: RawTask> RawTask for WatchedTask<H> {
    type Output = H::Output;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<H::Output, JoinError>> {
        let output = ready!(RawTask::poll_join(&mut self.handle, cx));
        self.watch.joined();
        Poll::Ready(output)
    }

    fn try_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<H::Output, JoinError>> {
        let output = ready!(RawTask::try_join(&mut self.handle, cx));
        self.watch.joined();
        Poll::Ready(output)
    }

    fn abort(&mut self) {
        RawTask::abort(&mut self.handle);
    }

    fn is_finished(&self) -> bool {
        RawTask::is_finished(&self.handle)
    }

    fn detach(&mut self) {
        RawTask::detach(&mut self.handle);
        self.watch.detached();
    }

    fn abort_handle(&mut self) -> AbortHandle {
        RawTask::abort_handle(&mut self.handle)
    }
}

impl<H: RawTask> fmt::Debug for WatchedTask<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedTask").finish_non_exhaustive()
    }
}

impl<R: Spawn> Spawn for WatchPanics<R> {
    type Task<T: Send> = WatchedTask<R::Task<T>>;

    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(SpawnMeta::unnamed(), future)
    }

    #[track_caller]
    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<Self::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let watch = self.watch(meta);
        let future = Watched {
            future,
            watch: Arc::clone(&watch),
        };
        WatchedTask::new(self.inner.spawn_with(meta, future), watch)
    }
}

impl<R: SpawnLocal> SpawnLocal for WatchPanics<R> {
    type LocalTask<T> = WatchedTask<R::LocalTask<T>>;

    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_local_with(SpawnMeta::unnamed(), future)
    }

    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<Self::LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let watch = self.watch(meta);
        let future = Watched {
            future,
            watch: Arc::clone(&watch),
        };
        WatchedTask::new(self.inner.spawn_local_with(meta, future), watch)
    }
}

impl<R: SpawnBlocking> SpawnBlocking for WatchPanics<R> {
    type BlockingTask<T: Send> = WatchedTask<R::BlockingTask<T>>;

    #[track_caller]
    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_with(SpawnMeta::unnamed(), work)
    }

    #[track_caller]
    fn spawn_blocking_with<F, T>(
        &self,
        meta: SpawnMeta<'_>,
        work: F,
    ) -> JoinHandle<Self::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let watch = self.watch(meta);
        let inside = Arc::clone(&watch);
        let work = move || inside.run(work);
        WatchedTask::new(self.inner.spawn_blocking_with(meta, work), watch)
    }
}

impl<R: Timer> Timer for WatchPanics<R> {
    type Sleep = R::Sleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.inner.sleep(duration)
    }

    #[track_caller]
    fn sleep_until(&self, deadline: Instant) -> R::Sleep {
        self.inner.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn system_time(&self) -> SystemTime {
        self.inner.system_time()
    }
}

impl<R: BlockOn> BlockOn for WatchPanics<R> {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.inner.block_on(future)
    }
}
