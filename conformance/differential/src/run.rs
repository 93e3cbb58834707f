//! Runs a program under a watchdog.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::judge::differences;
use super::play::play;
use super::program::Program;
use super::world::World;
use crate::kit::{Patience, message};
use crate::{Backend, capability};

/// How long a program is given, once its parked tasks were let go, to come to an end after all.
const GRACE: Duration = Duration::from_millis(500);

/// Runs `program` on a fresh runtime of `backend` and returns what the model does not allow, one sentence each.
///
/// It is given `limit`, as [`Patience`] counts it, and then counts as hung: its thread is left behind, and the process should end
/// soon.
pub fn compare(program: &Program, backend: &Backend, limit: Duration) -> Vec<String> {
    let program = fitting(program, backend);
    let world = World::new(backend.claims_made().virtual_time);
    let (sender, receiver) = mpsc::channel();
    let started = {
        let (program, backend, world) = (program.clone(), backend.clone(), world.clone());
        thread::Builder::new()
            .name("program".to_owned())
            .spawn(move || {
                let run = AssertUnwindSafe(|| play(&program, &backend, &world));
                let end = panic::catch_unwind(run).map_err(|it| message(&*it).to_owned());
                // Nobody listens any more if the program was given up.
                let _ = sender.send(end);
            })
    };
    if let Err(error) = started {
        return vec![format!("the system refused a thread: {error}")];
    }
    let mut hung = None;
    let patience = Patience::new(limit);
    let mut end = receiver.recv_timeout(patience.until_the_next_look());
    while end == Err(RecvTimeoutError::Timeout) && !patience.is_over() {
        end = receiver.recv_timeout(patience.until_the_next_look());
    }
    let end = end.or_else(|_| {
        hung = Some(format!("hung: after {limit:?}, {}", world.unfinished()));
        world.gate.open();
        receiver.recv_timeout(GRACE)
    });
    let mut found = Vec::from_iter(hung);
    match end {
        Ok(Ok(())) => found.extend(differences(&program, &world)),
        Ok(Err(panic)) => found.push(format!("the root panicked: {panic}")),
        Err(_) => {}
    }
    found
}

/// The form of `program` that `backend` can run.
pub(super) fn fitting(program: &Program, backend: &Backend) -> Program {
    if backend.has(capability::Blocking) {
        program.clone()
    } else {
        program.clone().without_pool()
    }
}
