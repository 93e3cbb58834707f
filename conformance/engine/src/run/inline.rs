//! A case on a thread of this process.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::panics;
use crate::case::{Case, Verdict};
use crate::kit::{begin_steps, last_step};

/// Runs a case on a thread of its own, which is left behind if it hangs.
pub(super) fn run(case: &Case, limit: Duration) -> Verdict {
    let (sender, receiver) = mpsc::channel();
    let case = case.clone();
    begin_steps(false);
    let started = thread::Builder::new()
        .name("case".to_owned())
        .stack_size(8 << 20)
        .spawn(move || {
            // Nobody listens any more if the case was given up.
            let _ = sender.send(panics::run(&case));
        });
    if let Err(error) = started {
        return Err(format!("the system refused a thread: {error}"));
    }
    receiver
        .recv_timeout(limit)
        .unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => {
                Err(format!("hung: no result after {limit:?}{}", last_step()))
            }
            RecvTimeoutError::Disconnected => Err("its thread died".to_owned()),
        })
}
