//! What backends declare is held against what they do.
#![cfg(feature = "tokio")]

use anyrt_conformance::{Backend, Case, Plan, Runner, Status, Suite, capability, specification};
use anyrt_core::{Config, Flavor};

fn backend() -> Backend {
    let config = Config::new().flavor(Flavor::CurrentThread);
    Backend::owned::<anyrt_tokio::Owned>("one", config)
}

fn suite() -> Suite {
    Suite::new([specification()], [])
}

fn case(backend: Backend, rule: &str) -> Case {
    Case {
        backend,
        rule: suite().rule(rule).expect("the rule exists"),
    }
}

/// In this process, since this test program cannot be started again for one case.
fn runner() -> Runner {
    Runner {
        isolated: false,
        ..Runner::default()
    }
}

#[test]
fn a_deviation_that_no_longer_deviates_is_red() {
    let rule = "block_on::returns_the_output";
    let case = case(backend().deviates(rule, "it cannot"), rule);
    let outcome = runner().run_one(&case);
    assert_eq!(outcome.status, Status::Fail);
    assert_eq!(
        outcome.reason,
        "no longer deviates, take the declaration back: it cannot"
    );
}

#[test]
fn a_deviation_is_shown_with_its_reason() {
    let mutant = suite().mutant("payload_becomes_text").expect("it exists");
    let rule = "panic::payload_survives";
    let case = case(mutant.apply(backend()).deviates(rule, "it is lost"), rule);
    let outcome = runner().run_one(&case);
    assert_eq!(
        (outcome.status, outcome.reason.as_str()),
        (Status::Deviation, "it is lost")
    );
}

#[test]
fn a_claim_that_could_be_made_and_is_not_is_red() {
    let config = Config::new().flavor(Flavor::MultiThread).worker_threads(2);
    let backend = Backend::owned::<anyrt_tokio::Owned>("several", config);
    let case = case(backend, "block_on::foreign_block_on_fires_sleeps");
    let outcome = runner().run_one(&case);
    assert_eq!(outcome.status, Status::Fail);
    assert!(
        outcome.reason.contains("make the claim"),
        "{}",
        outcome.reason
    );
}

#[test]
fn a_missing_trait_makes_a_rule_not_applicable_without_a_run() {
    let case = case(backend(), "panic::holds_for_local_tasks");
    let missing = capability::Local.missing().to_owned();
    assert_eq!(case.plan(), Plan::NotApplicable(missing.clone()));
    let outcome = runner().run_one(&case);
    assert_eq!(
        (outcome.status, outcome.reason),
        (Status::NotApplicable, missing)
    );
}
