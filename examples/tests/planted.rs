//! The planted bugs are found within 64 seeds, and their seeds replay them.

use std::env;
use std::future::Future;
use std::process::Command;

use anyrt_sim::{Check, FailureKind, Policy, Sim, check};

#[path = "../src/bin/planted/checks.rs"]
mod checks;

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
            found(policy, checks::the_last_write_wins),
            FailureKind::Panic
        );
    }
}

#[test]
fn the_bug_of_order_is_never_found_first_in_first_out() {
    let check = Check::new()
        .iterations(1000)
        .builder(Sim::builder().policy(Policy::Fifo));
    assert!(check.find_failure(checks::the_last_write_wins).is_none());
}

#[test]
fn the_lost_wake_up_is_found() {
    for policy in [Policy::Random, Policy::Pct { depth: 2 }] {
        assert_eq!(
            found(policy, checks::every_letter_is_read),
            FailureKind::Deadlock
        );
    }
}

#[test]
fn the_report_of_the_lost_wake_up_names_the_reader() {
    let failure = Check::new()
        .find_failure(checks::every_letter_is_read)
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
            found(policy, checks::the_client_keeps_its_limit),
            FailureKind::Panic
        );
    }
}

/// What a user would write; they fail, so they run only as the children of the test below.
mod users {
    use super::{CHILD, check, checks, env};

    #[test]
    fn the_last_write_wins() {
        if env::var_os(CHILD).is_some() {
            check(checks::the_last_write_wins);
        }
    }

    #[test]
    fn every_letter_is_read() {
        if env::var_os(CHILD).is_some() {
            check(checks::every_letter_is_read);
        }
    }

    #[test]
    fn the_client_keeps_its_limit() {
        if env::var_os(CHILD).is_some() {
            check(checks::the_client_keeps_its_limit);
        }
    }
}

const CHILD: &str = "ANYRT_TEST_CHILD";

/// Runs one test of this program with `arguments`, as cargo would, and returns what it says when it fails.
fn fails(arguments: &[&str], seed: Option<&str>) -> String {
    let mut command = Command::new(env::current_exe().expect("a test has a file"));
    command
        .args(arguments)
        .env(CHILD, "")
        .env_remove("ANYRT_SIM_SEED")
        .env_remove("ANYRT_SIM_ITERS")
        .envs(seed.map(|seed| ("ANYRT_SIM_SEED", seed)));
    let output = command.output().expect("a test can start itself");
    assert!(!output.status.success(), "{arguments:?} passes");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The report in what a failing test says, from the seed on.
fn report(text: &str) -> &str {
    let start = text.find("  seed ").expect("a report");
    let end = text
        .find("failures:\n    users")
        .expect("the harness's end");
    text[start..end].trim_end()
}

#[test]
fn the_printed_line_replays_the_failure() {
    for test in [
        "the_last_write_wins",
        "every_letter_is_read",
        "the_client_keeps_its_limit",
    ] {
        let name = format!("users::{test}");
        let found = fails(&["--exact", &name], None);
        let line = found
            .lines()
            .find_map(|line| line.trim().strip_prefix("replay: "))
            .expect("a line that replays");
        let (seed, arguments) = line
            .strip_prefix("ANYRT_SIM_SEED=")
            .and_then(|line| line.split_once(" cargo test -p anyrt-examples -- "))
            .expect("a command for a shell");
        let arguments: Vec<_> = arguments.split(' ').collect();
        let again = fails(&arguments, Some(seed));
        assert_eq!(report(&again), report(&found), "{line}");
    }
}
