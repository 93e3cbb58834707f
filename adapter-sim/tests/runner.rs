//! The runner: seeds, threads, replay.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_sim::{Check, FailureKind, Sim};

#[test]
fn every_seed_is_run_once() {
    let seeds = Mutex::new(Vec::new());
    let failure = Check::new()
        .iterations(100)
        .first_seed(1000)
        .threads(4)
        .find_failure(|sim| {
            seeds.lock().unwrap().push(sim.seed());
            async {}
        });
    assert!(failure.is_none());
    let mut seeds = seeds.into_inner().unwrap();
    seeds.sort_unstable();
    assert!(seeds.into_iter().eq(1000..1100));
}

#[test]
fn the_lowest_seed_that_fails_is_reported_on_any_number_of_threads() {
    for threads in [1, 2, 7] {
        let failure = Check::new()
            .iterations(200)
            .threads(threads)
            .find_failure(|sim| async move {
                sim.sleep(Duration::from_secs(1)).await;
                if sim.seed() == 13 {
                    // On other threads, higher seeds fail meanwhile.
                    std::thread::sleep(Duration::from_millis(20));
                }
                assert!(sim.seed() < 13, "thirteen");
            })
            .unwrap();
        assert_eq!((failure.seed(), failure.kind()), (13, FailureKind::Panic));
        assert!(failure.message().contains("thirteen"));
        assert_eq!(failure.time(), Duration::from_secs(1));
    }
}

#[test]
fn an_error_fails_a_seed_too() {
    let failure = Check::new()
        .find_failure(|sim| async move {
            if sim.seed() == 3 {
                Err("three")
            } else {
                Ok(())
            }
        })
        .unwrap();
    assert_eq!((failure.seed(), failure.kind()), (3, FailureKind::Error));
    assert!(failure.message().contains("three"));
}

#[test]
fn a_deadlock_fails_a_seed() {
    let failure = Check::new().find_failure(|_| std::future::pending::<()>());
    assert_eq!(failure.unwrap().kind(), FailureKind::Deadlock);
}

#[test]
fn the_panic_names_the_line_that_replays_it() {
    let failed = catch_unwind(AssertUnwindSafe(|| {
        Check::new().run(|_| async { assert_eq!(1, 2, "under every seed") });
    }));
    let payload = failed.unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    // The variable may be set for this run, too.
    let seed = std::env::var("ANYRT_SIM_SEED").unwrap_or_else(|_| "0".to_owned());
    let line = format!("replay: ANYRT_SIM_SEED={seed} ");
    assert!(message.contains(&line), "{message}");
    assert!(
        message.contains("runner.rs"),
        "the root is where the check is: {message}"
    );
}

#[test]
fn a_test_may_use_what_is_not_send() {
    anyrt_sim::check(|sim| async move {
        let shared = std::rc::Rc::new(5);
        let other = std::rc::Rc::clone(&shared);
        let task = sim.spawn_local(async move { *other });
        assert_eq!(task.await.unwrap(), *shared);
    });
}

#[test]
fn the_current_simulation_is_the_one_of_the_seed() {
    anyrt_sim::check(|sim| {
        assert_eq!(Sim::current().seed(), sim.seed());
        async move { assert_eq!(Sim::current().seed(), sim.seed()) }
    });
}

/// Runs this test program again, with one test and one variable: the environment is the whole process's.
fn child(test: &str, captured: bool, (name, value): (&str, &str)) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test])
        .args((!captured).then_some("--nocapture"))
        .env_remove("ANYRT_SIM_SEED")
        .env_remove("ANYRT_SIM_ITERS")
        .env_remove("ANYRT_SIM_TRACE")
        .env(CHILD, test)
        .env(name, value)
        .output()
        .unwrap()
}

/// Tells the tests that do nothing else that they are the child.
const CHILD: &str = "ANYRT_SIM_TEST_CHILD";

fn is_child(test: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|name| name == test)
}

#[test]
fn prints_its_seeds() {
    if is_child("prints_its_seeds") {
        Check::new().run(|sim| {
            println!("seed<{}>", sim.seed());
            async {}
        });
    }
}

#[test]
fn the_environment_decides_which_seeds_are_run() {
    let seeds_with = |name, value| {
        let output = child("prints_its_seeds", false, (name, value));
        let text = String::from_utf8(output.stdout).unwrap();
        let seeds: BTreeSet<u64> = text
            .split("seed<")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap().parse().unwrap())
            .collect();
        (output.status.success(), seeds)
    };
    assert_eq!(seeds_with("ANYRT_SIM_SEED", "17"), (true, [17].into()));
    assert_eq!(seeds_with("ANYRT_SIM_ITERS", "5"), (true, (0..5).collect()));
    for (name, value) in [
        ("ANYRT_SIM_SEED", ""),
        ("ANYRT_SIM_ITERS", ""),
        ("ANYRT_SIM_TRACE", "0"),
    ] {
        assert_eq!(seeds_with(name, value), (true, (0..64).collect()));
    }
}

#[test]
fn a_variable_that_makes_no_sense_is_refused_by_its_name() {
    for (name, value, wanted) in [
        ("ANYRT_SIM_SEED", "1x7", "not the seed that a report names"),
        ("ANYRT_SIM_SEED", "-1", "not the seed that a report names"),
        ("ANYRT_SIM_ITERS", "ten", "not how many seeds to run"),
        ("ANYRT_SIM_ITERS", "0", "not how many seeds to run"),
        ("ANYRT_SIM_TRACE", "yes", "not 1 for backtraces"),
    ] {
        let output = child("prints_its_seeds", false, (name, value));
        assert!(!output.status.success(), "{name}={value}");
        let text = String::from_utf8_lossy(&output.stderr);
        let said = format!("the environment variable {name} is {value:?}, and {wanted}");
        assert!(text.contains(&said), "{text}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("seed<"));
    }
}

#[test]
fn takes_more_than_a_second() {
    if is_child("takes_more_than_a_second") {
        Check::new().iterations(3).threads(1).run(|_| async {
            std::thread::sleep(Duration::from_millis(600));
        });
    }
}

#[test]
fn progress_is_shown_while_the_harness_keeps_the_output() {
    let output = child("takes_more_than_a_second", true, ("ANYRT_SIM_TRACE", "0"));
    assert!(output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    let shown = "anyrt-sim: takes_more_than_a_second: 2 seeds passed (2 steps, ";
    assert!(text.contains(shown), "{text:?}");
    assert!(text.trim_end().ends_with(", of 3"), "{text:?}");
}

#[test]
#[should_panic(expected = "a check of no seeds")]
fn a_check_of_no_seeds_is_refused() {
    let _ = Check::new().iterations(0).find_failure(|_| async {});
}
