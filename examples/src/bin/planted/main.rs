//! Looks for the three planted bugs, each by a check that fails as a test would, with its report.

mod checks;

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyrt_sim::{Check, Policy, Sim, check};

fn main() {
    look("a bug of order", || check(checks::the_last_write_wins));
    look("a lost wake-up", || check(checks::every_letter_is_read));
    look("a wrong timeout", || {
        check(checks::the_client_keeps_its_limit);
    });
    look("the bug of order, first in, first out", || {
        let fifo = Sim::builder().policy(Policy::Fifo);
        Check::new().builder(fifo).run(checks::the_last_write_wins);
    });
}

fn look(bug: &str, check: impl FnOnce()) {
    eprintln!("\n# {bug}");
    // A panic has printed its report.
    match catch_unwind(AssertUnwindSafe(check)) {
        Ok(()) => eprintln!("not found"),
        Err(_) => eprintln!("found"),
    }
}
