//! Real time, for closures that never return: nothing of the simulation goes on while one runs, so a thread looks at it.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

use crate::schedule::shared::Shared;

/// A thread that looks at a simulation now and then, from its first blocking closure to its end.
#[derive(Default)]
pub(crate) struct Watchdog {
    /// The thread ends when this is dropped, with the simulation.
    alive: OnceLock<Option<Sender<()>>>,
}

impl Watchdog {
    pub(crate) fn watch(&self, shared: &Arc<Shared>) {
        if shared.settings.external {
            // Its closures may wait for other threads, and are right to.
            return;
        }
        self.alive.get_or_init(|| {
            let (alive, end) = mpsc::channel();
            let watched = Arc::downgrade(shared);
            let limit = shared.settings.blocking_limit;
            let thread = thread::Builder::new().name("anyrt-sim-watch".to_owned());
            let thread = thread.spawn(move || {
                let mut seen = None;
                while end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    seen = look(&watched, seen);
                }
            });
            // A warning is a help. A system that has no thread for it has worse to report.
            thread.is_ok().then_some(alive)
        });
    }
}

/// Warns when the step that is being taken is the one that was seen at the last look; returns it, unless it was warned of.
fn look(watched: &Weak<Shared>, seen: Option<(u64, bool)>) -> Option<(u64, bool)> {
    let shared = watched.upgrade()?;
    let (step, closure) = {
        let state = shared.lock();
        (state.steps, state.running_closure()?)
    };
    match seen {
        Some((before, warned)) if before == step => {
            if !warned {
                shared.warn(format!(
                    "{closure}, has been running for more than {:?} of real time, and the whole simulation stands still until it \
                     returns; a closure runs on the thread that drives, so one that waits for a task, for another closure, or for \
                     something outside the simulation may wait for ever; `block_on` inside it lets the others go on (seed {})",
                    shared.settings.blocking_limit, shared.settings.seed
                ));
            }
            Some((step, true))
        }
        _ => Some((step, false)),
    }
}
