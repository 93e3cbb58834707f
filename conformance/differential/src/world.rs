use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use anyrt_core::{Instant, JoinError};

use super::expected::Seen;
use crate::kit::Gate;

/// Everything that is noted while a program runs. A clone is the same notes.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    notes: Arc<Mutex<Notes>>,
    /// What parked tasks wait for: it opens when everything else is over.
    pub(super) gate: Gate,
    /// Whether nothing but waiting takes time, so that there is one answer to each question.
    pub(super) is_virtual: bool,
}

/// The notes.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) tasks: BTreeMap<u32, Record>,
    /// What was seen to be wrong on the spot.
    pub(super) faults: Vec<String>,
    root: Option<Waker>,
}

/// What is noted about one task.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) spawned: usize,
    /// Somebody asked for its end.
    pub(super) doomed: bool,
    /// Somebody waits for it.
    pub(super) awaited: bool,
    pub(super) parked: bool,
    /// It came to its own end, by value or panic.
    pub(super) ended: usize,
    /// Its future, or closure, was dropped.
    pub(super) dropped: usize,
    pub(super) outputs_dropped: usize,
    pub(super) outputs_made: usize,
    pub(super) joined: Vec<Seen>,
}

impl Record {
    /// Whether nothing more happens to it unless the gate opens.
    fn is_quiet(&self) -> bool {
        self.is_over() || (self.parked && !self.doomed && self.dropped == 0)
    }

    fn is_over(&self) -> bool {
        self.dropped >= self.spawned && self.outputs_dropped >= self.outputs_made
    }
}

impl World {
    pub(super) fn new(is_virtual: bool) -> Self {
        Self {
            is_virtual,
            ..Self::default()
        }
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the notes about a task, and lets the root look at them.
    pub(super) fn note(&self, id: u32, change: impl FnOnce(&mut Record)) {
        let root = {
            let mut notes = self.notes();
            change(notes.tasks.entry(id).or_default());
            notes.root.take()
        };
        if let Some(root) = root {
            root.wake();
        }
    }

    pub(super) fn fault(&self, what: String) {
        self.notes().faults.push(what);
    }

    /// Notes a fault if something that was due at `due` came before.
    pub(super) fn never_early(&self, what: &str, due: Instant, now: Instant) {
        if now < due {
            let early = due - now;
            self.fault(format!("{what} was early by {early:?}"));
        }
    }

    /// A guard for the future of a task.
    pub(super) fn future(&self, id: u32) -> Dropping {
        self.note(id, |it| it.spawned += 1);
        Dropping {
            world: self.clone(),
            change: |it| it.dropped += 1,
            id,
        }
    }

    /// The output of a task.
    pub(super) fn output(&self, id: u32) -> Output {
        self.note(id, |it| {
            it.ended += 1;
            it.outputs_made += 1;
        });
        Output(Dropping {
            world: self.clone(),
            change: |it| it.outputs_dropped += 1,
            id,
        })
    }

    /// Ends the calling task by its panic. The hook is not called: there is no news in it for anybody.
    pub(super) fn throw(&self, id: u32) -> ! {
        self.note(id, |it| it.ended += 1);
        std::panic::resume_unwind(Box::new(Thrown(id)))
    }

    /// Notes what awaiting the handle of `id` gave.
    pub(super) fn joined(&self, id: u32, end: Option<Result<Output, JoinError>>) {
        let seen = match end {
            None => Seen::Elapsed,
            Some(Ok(output)) => {
                let other = output.0.id;
                if other != id {
                    self.fault(format!("task {id} gave the output of task {other}"));
                }
                Seen::Value
            }
            Some(Err(error)) if error.is_cancelled() => Seen::Cancelled,
            Some(Err(error)) => {
                let payload = error.into_panic();
                match payload.downcast_ref() {
                    Some(Thrown(other)) if *other == id => {}
                    Some(Thrown(other)) => {
                        self.fault(format!("task {id} threw the payload of task {other}"));
                    }
                    None => self.fault(format!("the payload of task {id}'s panic is lost")),
                }
                Seen::Panic
            }
        };
        self.note(id, |it| {
            it.joined.push(seen);
            it.awaited = false;
        });
        let late = seen != Seen::Elapsed && self.notes().tasks[&id].dropped == 0;
        if late {
            self.fault(format!(
                "task {id} was joined before its future was dropped"
            ));
        }
    }

    /// Waits until nothing more happens without the gate.
    pub(super) fn quiet(&self) -> impl Future<Output = ()> + Send + use<> {
        self.until(Record::is_quiet)
    }

    /// Waits until everything is over.
    pub(super) fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        self.until(Record::is_over)
    }

    fn until(&self, seen: fn(&Record) -> bool) -> impl Future<Output = ()> + Send + use<> {
        let world = self.clone();
        poll_fn(move |cx| {
            let mut notes = world.notes();
            if notes.tasks.values().all(seen) {
                return Poll::Ready(());
            }
            notes.root = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// What is not over, for the person who looks at a hang.
    pub(super) fn unfinished(&self) -> String {
        let notes = self.notes();
        let open = notes.tasks.iter().filter(|(_, it)| !it.is_over());
        let open = open.map(|(id, it)| {
            let mut states = Vec::new();
            if it.doomed {
                states.push("aborted");
            }
            if it.awaited {
                states.push("awaited");
            }
            states.push(match (it.dropped, it.ended, it.parked) {
                (1.., ..) => "its output is kept",
                (_, 1.., _) => "ended, and its future is kept",
                (_, _, true) => "parked",
                _ => "not at its end",
            });
            format!("task {id} ({})", states.join(", "))
        });
        let open: Vec<_> = open.collect();
        if open.is_empty() {
            String::from("every task is over")
        } else {
            open.join(", ")
        }
    }
}

/// The payload of a task's panic.
#[derive(Debug)]
struct Thrown(u32);

/// Notes its drop.
#[derive(Debug)]
pub(super) struct Dropping {
    world: World,
    id: u32,
    change: fn(&mut Record),
}

impl Drop for Dropping {
    fn drop(&mut self) {
        self.world.note(self.id, self.change);
    }
}

/// The output of a task, whose drop is noted.
#[derive(Debug)]
pub(super) struct Output(Dropping);
