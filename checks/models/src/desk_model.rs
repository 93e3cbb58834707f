//! Who comes to a task's slot while another works on it.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use shuttle::future::block_on;
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::thread::{self, JoinHandle};

use crate::desk::Desk;
use crate::explore;
use crate::slot::{Joinable as _, Slot, Task};

fn desk() -> (Task, Arc<Desk<Task>>) {
    let task = Task::default();
    let desk = Desk::new(Slot::Running(task.clone()), |_| {});
    (task, Arc::new(desk))
}

/// Asks whether the task has ended, on a thread.
fn asks(desk: &Arc<Desk<Task>>) -> JoinHandle<()> {
    let desk = desk.clone();
    thread::spawn(move || {
        let (was_over, _) = desk.is_finished();
        let (is_over, _) = desk.is_finished();
        assert!(is_over || !was_over, "it had ended, and has not any more");
    })
}

fn joins(desk: &Desk<Task>) {
    block_on(poll_fn(|cx| desk.poll_join(cx).0)).expect("it ends");
    assert!(desk.is_finished().0, "joined, and not over");
}

#[test]
fn who_polls_beside_others_hears_of_the_end() {
    explore(|| {
        let (task, desk) = desk();
        let others = [asks(&desk), asks(&desk), thread::spawn(move || task.end())];
        joins(&desk);
        for other in others {
            other.join().expect("no panic");
        }
    });
}

#[test]
fn an_abort_beside_others_is_made() {
    explore(|| {
        let (_task, desk) = desk();
        let aborts = {
            let desk = desk.clone();
            thread::spawn(move || {
                desk.abort();
            })
        };
        let others = [aborts, asks(&desk)];
        joins(&desk);
        for other in others {
            other.join().expect("no panic");
        }
    });
}

/// Takes the output of a task whose handle was dropped, as the drainer of the tasks does.
struct Drains {
    desk: Arc<Desk<Task>>,
    taken: Arc<AtomicBool>,
}

impl Drains {
    fn drain(self: &Arc<Self>) {
        loop {
            let waker = Waker::from(self.clone());
            let polled = self.desk.look(|slot, _| {
                let mut cx = Context::from_waker(&waker);
                (!slot.is_joined()).then(|| slot.poll_join(&mut cx))
            });
            let Some((end, calls)) = polled else {
                return;
            };
            if let Some(Poll::Ready(_)) = end {
                self.taken.store(true, Ordering::SeqCst);
            }
            if !calls {
                return;
            }
        }
    }
}

impl Wake for Drains {
    fn wake(self: Arc<Self>) {
        self.drain();
    }
}

#[test]
fn who_looks_beside_others_is_called() {
    explore(|| {
        let (task, desk) = desk();
        let drains = Arc::new(Drains {
            desk: desk.clone(),
            taken: Arc::default(),
        });
        let asks = {
            let drains = drains.clone();
            thread::spawn(move || {
                if drains.desk.is_finished().1 {
                    drains.drain();
                }
            })
        };
        let ends = thread::spawn(move || task.end());
        drains.drain();
        for other in [asks, ends] {
            other.join().expect("no panic");
        }
        assert!(drains.taken.load(Ordering::SeqCst), "the output stays");
    });
}
