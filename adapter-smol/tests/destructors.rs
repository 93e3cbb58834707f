//! Where a task's destructor runs while its runtime is shut down: on a worker or on the thread that shuts down, never on the
//! stack of somebody who wakes, aborts or spawns. Libraries do all three under their own locks, and lock them in destructors.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;

use anyrt_core::{AbortHandle, Config, prelude::*};
use anyrt_smol::{Ambient, Owned, Smol};

use common::{Gate, eventually, within};

/// A library's state: its destructors lock it, and it wakes, aborts and spawns while it is locked.
#[derive(Clone, Default)]
struct Library(Arc<Mutex<Option<Waker>>>);

impl Library {
    fn with<T>(&self, act: impl FnOnce(&mut Option<Waker>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct LockOnDrop(Library);

impl Drop for LockOnDrop {
    fn drop(&mut self) {
        self.0.with(|waker| drop(waker.take()));
    }
}

/// Spawns a task that is parked, leaves its waker with the library and locks it in its destructor.
fn park(rt: &Smol, library: &Library) -> AbortHandle {
    let guard = LockOnDrop(library.clone());
    let mut task = rt.spawn(poll_fn(move |cx| {
        guard.0.with(|waker| *waker = Some(cx.waker().clone()));
        Poll::<()>::Pending
    }));
    eventually(|| library.with(|waker| waker.is_some()));
    task.abort_handle()
}

/// Is being polled while the runtime is dropped, and then acts with the library locked.
fn act_during_shutdown(
    workers: usize,
    act: impl FnOnce(&Smol, &AbortHandle, &Option<Waker>) + Send + 'static,
) {
    within(move || {
        let rt = Owned::launch(Config::new().worker_threads(workers)).unwrap();
        let library = Library::default();
        let abort = park(&rt.handle(), &library);
        let (started, closed) = (Gate::new(), Gate::new());
        let (starts, is_closed) = (started.clone(), closed.clone());
        let (handle, shared) = (rt.handle(), library.clone());
        rt.handle().spawn_detached(async move {
            starts.open();
            is_closed.wait();
            shared.with(|waker| act(&handle, &abort, waker));
        });
        started.wait();
        let probe = rt.handle();
        let closer = thread::spawn(move || drop(rt));
        // A task that is cancelled at once says that the runtime was closed.
        eventually(|| probe.spawn(pending::<()>()).is_finished());
        closed.open();
        closer.join().unwrap();
        library.with(|waker| assert!(waker.is_none()));
    });
}

#[test]
fn a_wake_under_a_lock_during_the_shutdown_runs_no_destructor() {
    for workers in [1, 2] {
        act_during_shutdown(workers, |_, _, waker| {
            if let Some(waker) = waker {
                waker.wake_by_ref();
            }
        });
    }
}

#[test]
fn an_abort_under_a_lock_during_the_shutdown_runs_no_destructor() {
    for workers in [1, 2] {
        act_during_shutdown(workers, |_, abort, _| abort.abort());
    }
}

#[test]
fn a_spawn_under_a_lock_during_the_shutdown_runs_no_destructor() {
    for workers in [1, 2] {
        act_during_shutdown(workers, |handle, _, _| handle.spawn_detached(async {}));
    }
}

#[test]
fn a_spawn_on_a_closed_runtime_drops_its_own_future_there_and_contains_its_panic() {
    within(|| {
        struct Note(Arc<Mutex<Option<thread::ThreadId>>>);
        impl Drop for Note {
            fn drop(&mut self) {
                *self.0.lock().unwrap() = Some(thread::current().id());
                panic!("dropped");
            }
        }
        let rt = Owned::launch(Config::new().worker_threads(1)).unwrap();
        let handle = rt.handle();
        drop(rt);
        let place = Arc::default();
        let note = Note(Arc::clone(&place));
        let end = catch_unwind(AssertUnwindSafe(|| {
            handle.spawn(async move { drop(note) }).is_finished()
        }));
        assert!(end.expect("a destructor's panic is contained"));
        assert_eq!(*place.lock().unwrap(), Some(thread::current().id()));
    });
}

#[test]
fn a_destructor_finds_its_runtime_and_runs_on_a_worker() {
    within(|| {
        #[derive(Default)]
        struct Seen(AtomicBool);
        struct Look(Arc<Seen>);
        impl Drop for Look {
            fn drop(&mut self) {
                // On a runtime that is closed a task is cancelled at once; on the global executor it would run.
                let here = Smol::current().spawn(pending::<()>());
                let ambient = Ambient.spawn(pending::<()>());
                let is_worker = thread::current().name() == Some("destroys");
                let found = here.is_finished() && ambient.is_finished() && is_worker;
                self.0.0.store(found, Ordering::SeqCst);
            }
        }
        let rt = Owned::launch(Config::new().worker_threads(1).thread_name("destroys")).unwrap();
        let seen = Arc::new(Seen::default());
        let (look, parked) = (Look(seen.clone()), Gate::new());
        let parks = parked.clone();
        rt.handle().spawn_detached(async move {
            let _look = look;
            parks.open();
            pending::<()>().await;
        });
        parked.wait();
        drop(rt);
        assert!(seen.0.load(Ordering::SeqCst));
    });
}
