//! What the tests of this crate share.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use anyrt_core::JoinError;

/// How long a test may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test, and fails if it hangs.
pub(crate) fn within(test: impl FnOnce() + Send + 'static) {
    let (sender, receiver) = channel();
    let runner = thread::spawn(move || {
        test();
        sender.send(()).ok();
    });
    match receiver.recv_timeout(LIMIT) {
        Ok(()) => {}
        Err(RecvTimeoutError::Timeout) => panic!("the test hangs"),
        Err(RecvTimeoutError::Disconnected) => {
            if let Err(payload) = runner.join() {
                resume_unwind(payload);
            }
        }
    }
}

/// Waits until `condition` holds; the watchdog ends it otherwise.
pub(crate) fn eventually(condition: impl Fn() -> bool) {
    while !condition() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// The text of a task's panic.
#[track_caller]
pub(crate) fn message(error: JoinError) -> String {
    let payload = error.into_panic();
    match payload.downcast_ref::<&'static str>() {
        Some(text) => (*text).to_owned(),
        None => payload.downcast_ref::<String>().expect("a text").clone(),
    }
}

/// Counts its drops.
pub(crate) struct CountDrop {
    drops: Arc<AtomicUsize>,
    pause: Duration,
    weight: usize,
}

impl CountDrop {
    pub(crate) fn new(drops: &Arc<AtomicUsize>) -> Self {
        Self {
            drops: drops.clone(),
            pause: Duration::ZERO,
            weight: 1,
        }
    }

    /// One whose destructor takes its time before it counts.
    pub(crate) fn slow(drops: &Arc<AtomicUsize>) -> Self {
        let mut this = Self::new(drops);
        this.pause = Duration::from_millis(50);
        this
    }

    /// Drops it, and counts ten.
    pub(crate) fn complete(mut self) {
        self.weight = 10;
    }
}

impl Drop for CountDrop {
    fn drop(&mut self) {
        thread::sleep(self.pause);
        self.drops.fetch_add(self.weight, Ordering::SeqCst);
    }
}

/// Panics when it is dropped.
pub(crate) struct PanicOnDrop;

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// Counts wakes.
pub(crate) struct WakeCount {
    count: Mutex<usize>,
    woken: Condvar,
}

impl WakeCount {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let this = Arc::new(Self {
            count: Mutex::new(0),
            woken: Condvar::new(),
        });
        (this.clone(), Waker::from(this))
    }

    pub(crate) fn get(&self) -> usize {
        *self.count.lock().unwrap()
    }

    /// Parks until there were more than `seen` wakes.
    pub(crate) fn wait_beyond(&self, seen: usize) {
        let count = self.count.lock().unwrap();
        drop(
            self.woken
                .wait_while(count, |count| *count <= seen)
                .unwrap(),
        );
    }
}

impl Wake for WakeCount {
    fn wake(self: Arc<Self>) {
        *self.count.lock().unwrap() += 1;
        self.woken.notify_all();
    }
}

/// Opens once, for threads and tasks.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<GateState>);

#[derive(Default)]
struct GateState {
    state: Mutex<(bool, Vec<Waker>)>,
    opened: Condvar,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn open(&self) {
        let mut state = self.0.state.lock().unwrap();
        state.0 = true;
        let wakers = std::mem::take(&mut state.1);
        drop(state);
        self.0.opened.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn wait(&self) {
        let state = self.0.state.lock().unwrap();
        drop(self.0.opened.wait_while(state, |state| !state.0).unwrap());
    }

    pub(crate) async fn opened(&self) {
        poll_fn(|cx| {
            let mut state = self.0.state.lock().unwrap();
            if state.0 {
                return Poll::Ready(());
            }
            state.1.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// The names of this process's threads that begin with `prefix`, as the system knows them.
pub(crate) fn threads(prefix: &str) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir("/proc/self/task")
        .expect("the tests that count threads are for Linux")
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim_end().to_owned())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names
}
