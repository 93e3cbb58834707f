use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem::take;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use async_task::{Builder, FallibleTask, Runnable};
use concurrent_queue::ConcurrentQueue;

use crate::registry::{Registered, Registry};

/// How many tasks a worker keeps for itself; those above go where all workers look.
const ROOM: usize = 256;

/// How many tasks a worker runs before it looks at the queue of all, so that its own tasks do not starve those.
const GLOBAL_INTERVAL: u32 = 61;

/// How many tasks a worker runs before it lets the reactor look for events.
const EVENT_INTERVAL: u32 = 200;

/// The queues of an owned executor, and which of its workers sleep.
///
/// A task that is not finished is in a queue, is being polled, or is in a registry: see `docs/adr/0010-an-executor-of-our-own.md`.
pub(crate) struct Executor {
    /// A push has something to do: to wake a worker, or to drop what it pushed.
    call: AtomicBool,
    /// Runs and takes no more tasks. Set together with `call`.
    closed: AtomicBool,
    /// Tasks from other threads, and those that a worker had no room for.
    queue: ConcurrentQueue<Runnable>,
    homes: Box<[Home]>,
    sleepers: Mutex<Sleepers>,
    /// How many asked for tasks to be dropped since the one who drops them began.
    burials: AtomicUsize,
}

/// What belongs to one worker, and is open to the others.
struct Home {
    queue: ConcurrentQueue<Runnable>,
    registry: Arc<Registry>,
}

#[derive(Default)]
struct Sleepers {
    /// Who sleeps and was not woken.
    wakers: Vec<(usize, Waker)>,
    /// How many were woken and have neither found a task nor gone to sleep again.
    searching: usize,
    closed: bool,
}

impl Executor {
    pub(crate) fn new(workers: usize) -> Self {
        let home = |_| Home {
            queue: ConcurrentQueue::bounded(ROOM),
            registry: Arc::default(),
        };
        Self {
            call: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            queue: ConcurrentQueue::unbounded(),
            homes: (0..workers).map(home).collect(),
            sleepers: Mutex::default(),
            burials: AtomicUsize::new(0),
        }
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Spawns `future`. If the executor is closed, or is being closed, drops it and returns a task that is cancelled.
    #[inline]
    pub(crate) fn spawn<F>(self: &Arc<Self>, future: F) -> FallibleTask<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let executor = self.clone();
        let (runnable, task) = Builder::new().propagate_panic(true).spawn(
            |()| Registered::new(future),
            move |runnable| executor.push(runnable),
        );
        self.push(runnable);
        task.fallible()
    }

    /// Takes no more tasks, and sends the workers home.
    pub(crate) fn close(&self) {
        let mut sleepers = self.sleepers();
        sleepers.closed = true;
        self.closed.store(true, Ordering::SeqCst);
        self.call.store(true, Ordering::SeqCst);
        let wakers = take(&mut sleepers.wakers);
        drop(sleepers);
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// After it was closed: drops the tasks that no worker is polling.
    pub(crate) fn clear(&self) {
        for home in &self.homes {
            home.registry.close();
        }
        self.bury();
    }

    /// After it was cleared: waits for those that other threads still drop, and tells whether they have.
    pub(crate) fn wait(&self, until: Option<Instant>) -> bool {
        self.homes.iter().all(|home| home.registry.wait(until))
    }

    fn push(&self, runnable: Runnable) {
        let (executor, index) = WORKER.with(Cell::get);
        let rest = if executor == ptr::from_ref(self).addr() {
            self.homes[index].queue.push(runnable).err()
        } else {
            self.queue.push(runnable).err()
        };
        if let Some(rest) = rest {
            self.push_to_all(rest.into_inner());
        }
        // Either this sees the call of a worker that goes to sleep, or the worker sees the task: both sides write, then read.
        if self.call.load(Ordering::SeqCst) {
            self.answer();
        }
    }

    #[cold]
    fn push_to_all(&self, runnable: Runnable) {
        // It has no bound and is never closed.
        self.queue.push(runnable).ok();
    }

    /// Wakes a worker, or drops what was pushed.
    #[cold]
    fn answer(&self) {
        let mut sleepers = self.sleepers();
        if sleepers.closed {
            drop(sleepers);
            self.bury();
            return;
        }
        // One is enough: it passes the call on when it finds more than it can run.
        if sleepers.searching > 0 {
            return;
        }
        if let Some((_, waker)) = sleepers.wakers.pop() {
            sleepers.searching += 1;
            self.update(&sleepers);
            drop(sleepers);
            waker.wake();
        }
    }

    /// Drops the tasks in the queues. Whoever comes while somebody does leaves it to them, also a destructor on the way, so that a
    /// chain of tasks that own each other takes no stack.
    fn bury(&self) {
        if self.burials.fetch_add(1, Ordering::SeqCst) > 0 {
            return;
        }
        let mut seen = 1;
        loop {
            let queues = self.homes.iter().map(|home| &home.queue);
            for queue in queues.chain([&self.queue]) {
                while let Ok(runnable) = queue.pop() {
                    drop(runnable);
                }
            }
            match self
                .burials
                .compare_exchange(seen, 0, Ordering::SeqCst, Ordering::SeqCst)
            {
                Ok(_) => return,
                Err(more) => seen = more,
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.homes.iter().all(|home| home.queue.is_empty())
    }

    /// Under the lock.
    fn update(&self, sleepers: &Sleepers) {
        let call = sleepers.closed || (sleepers.searching == 0 && !sleepers.wakers.is_empty());
        self.call.store(call, Ordering::SeqCst);
    }

    fn sleepers(&self) -> MutexGuard<'_, Sleepers> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    /// The address of the executor that this thread works for, and which of its workers it is.
    static WORKER: Cell<(usize, usize)> = const { Cell::new((0, 0)) };

    /// The registry of that worker.
    static REGISTRY: RefCell<Option<Arc<Registry>>> = const { RefCell::new(None) };
}

/// The registry of the worker on this thread.
///
/// # Panics
///
/// On a thread that is none; tasks are polled by workers alone.
pub(crate) fn home() -> Arc<Registry> {
    REGISTRY
        .with_borrow(Clone::clone)
        .expect("an executor's tasks are polled by its workers")
}

/// One thread's part in running an executor.
pub(crate) struct Worker {
    executor: Arc<Executor>,
    index: usize,
    turn: u32,
    mood: Mood,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Busy,
    /// Is among the sleepers, or was woken since.
    Asleep,
    /// Is counted as one who searches.
    Searching,
}

impl Worker {
    /// Makes this thread the worker of that number, counted from zero.
    pub(crate) fn new(executor: Arc<Executor>, index: usize) -> Self {
        WORKER.set((Arc::as_ptr(&executor).addr(), index));
        REGISTRY.set(Some(executor.homes[index].registry.clone()));
        Self {
            executor,
            index,
            turn: 0,
            mood: Mood::Busy,
        }
    }

    /// Runs tasks until there are none, or until the executor was closed, which makes it ready.
    pub(crate) fn poll_run(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.mood == Mood::Asleep {
            self.get_up();
        }
        for _ in 0..EVENT_INTERVAL {
            if self.executor.is_closed() {
                return Poll::Ready(());
            }
            let Some(runnable) = self.next(cx) else {
                return Poll::Pending;
            };
            runnable.run();
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    #[inline]
    fn next(&mut self, cx: &mut Context<'_>) -> Option<Runnable> {
        self.turn = self.turn.wrapping_add(1);
        if self.mood == Mood::Busy && self.turn % GLOBAL_INTERVAL != 0 {
            if let Ok(runnable) = self.home().queue.pop() {
                return Some(runnable);
            }
        }
        self.search(cx)
    }

    #[inline(never)]
    fn search(&mut self, cx: &mut Context<'_>) -> Option<Runnable> {
        let mut found = self.look();
        if found.is_none() {
            self.lie_down(cx.waker());
            // What was pushed before that called nobody.
            found = self.look();
            if found.is_none() {
                // Closed before that, it woke nobody here.
                if self.executor.closed.load(Ordering::SeqCst) {
                    cx.waker().wake_by_ref();
                }
                return None;
            }
            self.get_up();
        }
        if self.mood == Mood::Searching {
            let mut sleepers = self.executor.sleepers();
            sleepers.searching -= 1;
            self.executor.update(&sleepers);
            self.mood = Mood::Busy;
        }
        // What came while this one searched has called nobody, and what it took along neither.
        if self.executor.call.load(Ordering::SeqCst) && !self.executor.is_empty() {
            self.executor.answer();
        }
        found
    }

    /// Looks for a task everywhere, and takes some more along.
    fn look(&self) -> Option<Runnable> {
        let home = &self.home().queue;
        let all = &self.executor.queue;
        if let Ok(runnable) = all.pop() {
            // A share of them, because the other workers want some, too.
            let share = all.len() / self.executor.homes.len();
            carry(all, home, share.min(ROOM / 2));
            return Some(runnable);
        }
        if let Ok(runnable) = home.pop() {
            return Some(runnable);
        }
        let homes = &self.executor.homes;
        let (before, after) = homes.split_at(self.index);
        for other in after.iter().skip(1).chain(before) {
            if let Ok(runnable) = other.queue.pop() {
                carry(&other.queue, home, other.queue.len() / 2);
                return Some(runnable);
            }
        }
        None
    }

    fn lie_down(&mut self, waker: &Waker) {
        let mut sleepers = self.executor.sleepers();
        if self.mood == Mood::Searching {
            sleepers.searching -= 1;
        }
        if !sleepers.closed {
            sleepers.wakers.push((self.index, waker.clone()));
        }
        self.executor.update(&sleepers);
        drop(sleepers);
        self.mood = Mood::Asleep;
    }

    fn get_up(&mut self) {
        let mut sleepers = self.executor.sleepers();
        let place = sleepers
            .wakers
            .iter()
            .position(|(index, _)| *index == self.index);
        self.mood = match place {
            Some(place) => {
                sleepers.wakers.swap_remove(place);
                self.executor.update(&sleepers);
                Mood::Busy
            }
            None if sleepers.closed => Mood::Busy,
            None => Mood::Searching,
        };
    }

    fn home(&self) -> &Home {
        &self.executor.homes[self.index]
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        WORKER.set((0, 0));
        REGISTRY.set(None);
    }
}

/// Moves up to `count` tasks.
fn carry(from: &ConcurrentQueue<Runnable>, to: &ConcurrentQueue<Runnable>, count: usize) {
    for _ in 0..count {
        let Ok(runnable) = from.pop() else { return };
        if let Err(rest) = to.push(runnable) {
            // Back to the end: no task is lost, and it may wait a little longer.
            rest.into_inner().schedule();
            return;
        }
    }
}
