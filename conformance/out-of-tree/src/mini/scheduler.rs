use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::mem::take;
use std::pin::{Pin, pin};
use std::rc::{self, Rc};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::entry::{Entry, Queue};
use crate::join::contain;

type Job = Pin<Box<dyn Future<Output = ()>>>;

/// What belongs to the runtime's thread. Nothing is borrowed while a future is polled or dropped, or a waker woken.
#[derive(Default)]
pub(super) struct Scheduler {
    queue: Arc<Queue>,
    /// The tasks that are not being polled right now.
    tasks: RefCell<BTreeMap<u64, (Arc<Entry>, Job)>>,
    timers: RefCell<BTreeMap<(Instant, u64), Waker>>,
    ids: Cell<u64>,
}

thread_local! {
    /// The one whose `block_on` this thread is in, the innermost where they are nested, or whose tasks it drops.
    static CURRENT: RefCell<rc::Weak<Scheduler>> = const { RefCell::new(rc::Weak::new()) };
}

/// What was current before a scheduler was entered, and is again when this is dropped.
struct Before(rc::Weak<Scheduler>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(take(&mut self.0));
    }
}

impl Scheduler {
    pub(super) fn current() -> Option<rc::Weak<Self>> {
        let current = CURRENT.try_with(|it| it.borrow().clone()).ok()?;
        (current.strong_count() > 0).then_some(current)
    }

    /// Makes this the current one; nothing is while a thread that ends drops its variables.
    fn enter(self: &Rc<Self>) -> Option<Before> {
        let entered = CURRENT.try_with(|it| it.replace(Rc::downgrade(self)));
        entered.ok().map(Before)
    }

    pub(super) fn id(&self) -> u64 {
        self.ids.replace(self.ids.get() + 1)
    }

    fn entry(&self) -> Arc<Entry> {
        Arc::new(Entry {
            id: self.id(),
            woken: AtomicBool::new(true),
            stopped: AtomicBool::new(false),
            passed_over: AtomicBool::new(false),
            queue: self.queue.clone(),
        })
    }

    pub(super) fn spawn(&self, job: Job) -> Weak<Entry> {
        let entry = self.entry();
        // While the runtime ends, destructors still find it. What they spawn is dropped.
        if !self.queue.push(entry.clone()) {
            return Weak::new();
        }
        self.keep(&entry, job);
        Arc::downgrade(&entry)
    }

    fn keep(&self, entry: &Arc<Entry>, job: Job) {
        let mut tasks = self.tasks.borrow_mut();
        tasks.insert(entry.id, (entry.clone(), job));
    }

    /// Polls `future` when it was woken, and in turn what is due, and parks when nothing is. It may be called by a task.
    pub(super) fn block_on<F: Future>(self: &Rc<Self>, future: F) -> F::Output {
        let _before = self.enter();
        let root = self.entry();
        let waker = Waker::from(root.clone());
        let mut future = pin!(future);
        loop {
            if root.woken.swap(false, Ordering::SeqCst) {
                let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
                if let Poll::Ready(output) = poll {
                    return output;
                }
            }
            self.fire();
            // Those that become due meanwhile come after the root and the timers.
            for _ in 0..self.queue.len() {
                if let Some(entry) = self.queue.pop() {
                    self.run(&entry);
                }
            }
            let next = self.timers.borrow().keys().next().map(|key| key.0);
            self.queue.park(&root, next);
        }
    }

    fn run(&self, entry: &Arc<Entry>) {
        // A root is in the queue only to end the parking, and a task that is gone for no reason any more. One that is being polled
        // further out has its turn after that.
        let Some((_, mut job)) = self.tasks.borrow_mut().remove(&entry.id) else {
            return entry.passed_over.store(true, Ordering::SeqCst);
        };
        entry.woken.store(false, Ordering::SeqCst);
        if entry.stopped.load(Ordering::SeqCst) {
            return;
        }
        let waker = Waker::from(entry.clone());
        let poll = job.as_mut().poll(&mut Context::from_waker(&waker));
        if poll.is_pending() {
            self.keep(entry, job);
            if entry.passed_over.swap(false, Ordering::SeqCst) {
                self.queue.push(entry.clone());
            }
        }
    }

    /// Wakes whoever waits for a time that has come. A waker that panics keeps none from the others.
    fn fire(&self) {
        let now = (Instant::now(), u64::MAX);
        let later = self.timers.borrow_mut().split_off(&now);
        for waker in self.timers.replace(later).into_values() {
            contain(|| waker.wake()).ok();
        }
    }

    /// Has `waker` woken at `at`, or no longer, and returns the one that was to be.
    pub(super) fn wake_at(&self, at: Instant, id: u64, waker: Option<Waker>) -> Option<Waker> {
        let mut timers = self.timers.borrow_mut();
        match waker {
            Some(waker) => timers.insert((at, id), waker),
            None => timers.remove(&(at, id)),
        }
    }

    /// Drops the tasks. Their destructors find this runtime.
    pub(super) fn end(self: &Rc<Self>) {
        let _before = self.enter();
        self.queue.close();
        drop(self.tasks.take());
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        // Sleeps that outlive the runtime say so when they are polled.
        for waker in take(self.timers.get_mut()).into_values() {
            contain(|| waker.wake()).ok();
        }
    }
}
