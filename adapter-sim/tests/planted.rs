//! The planted bugs of `examples/planted` are found within 64 seeds, and their seeds replay them.

use std::future::Future;

use anyrt_sim::{Check, FailureKind, Policy, Sim};

#[path = "../examples/planted/client.rs"]
mod client;
#[path = "../examples/planted/ledger.rs"]
mod ledger;
#[path = "../examples/planted/mailbox.rs"]
mod mailbox;
#[path = "../examples/planted/tests.rs"]
mod tests;

/// Finds the bug under `policy`, and checks that its seed finds it again, at the same step and the same time.
fn found<F>(policy: Policy, test: impl Fn(Sim) -> F + Sync) -> FailureKind
where
    F: Future<Output = ()>,
{
    let check = Check::new().builder(Sim::builder().policy(policy));
    // In one place, since a report names the place of its check.
    let find = |check: Check| check.find_failure(&test);
    let failure =
        find(check.clone()).unwrap_or_else(|| panic!("64 seeds under {policy} did not find it"));
    let again = find(check.iterations(1).first_seed(failure.seed()))
        .expect("a seed that failed fails again");
    // The whole report: the course, the table and the last events.
    assert_eq!(again.to_string(), failure.to_string());
    failure.kind()
}

#[test]
fn the_bug_of_order_is_found() {
    for policy in [Policy::Random, Policy::Lifo, Policy::Pct { depth: 2 }] {
        assert_eq!(
            found(policy, tests::the_last_write_wins),
            FailureKind::Panic
        );
    }
}

#[test]
fn the_bug_of_order_is_never_found_first_in_first_out() {
    let check = Check::new()
        .iterations(1000)
        .builder(Sim::builder().policy(Policy::Fifo));
    assert!(check.find_failure(tests::the_last_write_wins).is_none());
}

#[test]
fn the_lost_wake_up_is_found() {
    for policy in [Policy::Random, Policy::Pct { depth: 2 }] {
        assert_eq!(
            found(policy, tests::every_letter_is_read),
            FailureKind::Deadlock
        );
    }
}

#[test]
fn the_report_of_the_lost_wake_up_names_the_reader() {
    let failure = Check::new()
        .find_failure(tests::every_letter_is_read)
        .unwrap();
    let reader = failure
        .tasks()
        .iter()
        .find(|task| task.name() == Some("reader"));
    assert_eq!(reader.unwrap().polls(), 2);
    assert!(
        failure
            .tasks()
            .iter()
            .all(|task| task.name() != Some("writer"))
    );
}

#[test]
fn the_wrong_timeout_is_found() {
    for policy in [Policy::Random, Policy::Fifo] {
        assert_eq!(
            found(policy, tests::the_client_keeps_its_limit),
            FailureKind::Panic
        );
    }
}
