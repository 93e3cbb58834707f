//! A small library with three planted bugs, each found by a simulation within 64 seeds.
//!
//! `cargo run -p anyrt-sim --example planted` prints the report of each.

mod client;
mod ledger;
mod mailbox;
mod tests;

use anyrt_sim::{Check, Failure, Policy, Sim};

fn main() {
    let check = Check::new();
    show(
        "a bug of order",
        check.find_failure(tests::the_last_write_wins),
    );
    show(
        "a lost wake-up",
        check.find_failure(tests::every_letter_is_read),
    );
    show(
        "a wrong timeout",
        check.find_failure(tests::the_client_keeps_its_limit),
    );

    let fifo = Check::new().builder(Sim::builder().policy(Policy::Fifo));
    assert!(fifo.find_failure(tests::the_last_write_wins).is_none());
    println!("first in, first out never finds the bug of order");
}

fn show(bug: &str, failure: Option<Failure>) {
    let failure = failure.expect("64 seeds find it");
    println!("{bug}, by seed {}:\n{failure}", failure.seed());
}
