//! The runner: seeds, threads, replay.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use anyrt_core::Config;
use anyrt_core::prelude::*;
use anyrt_sim::{Check, FailureKind, Owned, Policy, Replay, Sim};

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
fn panics_once() {
    if is_child("panics_once") {
        Check::new().run(|sim| async move {
            let task = sim.spawn_named("worker", async { panic!("the cause") });
            sim.sleep(Duration::from_secs(1)).await;
            let _: Result<(), _> = task.await;
            assert_eq!(sim.seed(), u64::MAX, "the consequence");
        });
    }
}

#[test]
fn each_panic_of_a_failing_seed_is_printed_once_with_its_place() {
    let output = child("panics_once", false, ("RUST_BACKTRACE", "0"));
    let streams = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(streams).unwrap();
    for (message, before) in [
        (
            "the consequence",
            "failed: the root of adapter-sim/tests/runner.rs:",
        ),
        (
            "the cause",
            "task #1 worker panicked after 0ns at adapter-sim/tests/runner.rs:",
        ),
    ] {
        assert_eq!(text.matches(message).count(), 1, "{text}");
        let line = text.lines().find(|line| line.contains(message));
        assert!(line.unwrap().contains(before), "{text}");
    }
    assert!(
        text.contains("panicked at adapter-sim/tests/runner.rs:"),
        "{text}"
    );
}

#[test]
fn a_backtrace_is_printed_where_one_is_asked_for() {
    let output = child("panics_once", false, ("RUST_BACKTRACE", "1"));
    let streams = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(streams).unwrap();
    assert_eq!(text.matches("the consequence").count(), 2, "{text}");
    assert!(text.contains("runner::panics_once::{{closure}}"), "{text}");
}

#[test]
fn the_header_counts_what_passed_beside_the_seed_that_failed() {
    let header = |failing: u64| {
        let failed = catch_unwind(AssertUnwindSafe(|| {
            Check::new()
                .threads(1)
                .run(|sim| async move { assert!(sim.seed() < failing) });
        }));
        let payload = failed.unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        message.lines().next().unwrap().to_owned()
    };
    if std::env::var("ANYRT_SIM_SEED").is_ok_and(|seed| !seed.is_empty()) {
        return;
    }
    for (failing, wanted) in [
        (0, "anyrt-sim: seed 0 failed: the root"),
        (1, "anyrt-sim: seed 1 failed, 1 other passed: the root"),
        (7, "anyrt-sim: seed 7 failed, 7 others passed: the root"),
    ] {
        let header = header(failing);
        assert!(header.starts_with(wanted), "{header}");
    }
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
        .env_remove("ANYRT_SIM_THREADS")
        .env_remove("ANYRT_SIM_TRACE")
        .env(CHILD, test)
        .env(name, value)
        .output()
        .unwrap()
}

/// Tells the tests that do nothing else that they are the child.
const CHILD: &str = "ANYRT_TEST_CHILD";

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
        ("ANYRT_SIM_THREADS", "0", "not on how many threads"),
        ("ANYRT_SIM_THREADS", "all", "not on how many threads"),
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
        // Each seed ends a second after progress was last shown, or later.
        Check::new().iterations(2).threads(1).run(|_| async {
            std::thread::sleep(Duration::from_secs(1));
        });
    }
}

#[test]
fn progress_is_shown_while_the_harness_keeps_the_output() {
    let output = child("takes_more_than_a_second", true, ("ANYRT_SIM_TRACE", "0"));
    assert!(output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    for shown in ["1 seed passed (1 step, ", "2 seeds passed (2 steps, "] {
        let shown = format!("anyrt-sim: takes_more_than_a_second: {shown}");
        assert!(text.contains(&shown), "{text:?}");
    }
    assert!(text.trim_end().ends_with(", of 2"), "{text:?}");
}

#[test]
#[should_panic(expected = "a check of no seeds")]
fn a_check_of_no_seeds_is_refused() {
    let _ = Check::new().iterations(0).find_failure(|_| async {});
}

#[test]
fn a_failing_seed_is_run_once_more_alone_before_it_is_reported() {
    let runs = Mutex::new(BTreeMap::new());
    let (running, together) = (AtomicU64::new(0), AtomicU64::new(0));
    let failure = Check::new().threads(4).find_failure(|sim| {
        *runs.lock().unwrap().entry(sim.seed()).or_insert(0) += 1;
        let at_once = running.fetch_add(1, Ordering::SeqCst) + 1;
        if sim.seed() == 7 {
            together.store(at_once, Ordering::SeqCst);
        }
        running.fetch_sub(1, Ordering::SeqCst);
        let seven = sim.seed() == 7;
        async move { assert!(!seven, "seven") }
    });
    let failure = failure.unwrap();
    assert_eq!(failure.replay(), Some(Replay::Same));
    assert!(!failure.to_string().contains("again"), "{failure}");
    let runs = runs.into_inner().unwrap();
    assert_eq!(runs[&7], 2);
    assert!(runs.iter().all(|(&seed, &runs)| seed == 7 || runs == 1));
    assert_eq!(together.into_inner(), 1);
}

#[test]
fn a_seed_that_passes_alone_names_statics() {
    let runs = AtomicU64::new(0);
    let failure = Check::new()
        .find_failure(|_| async { assert_ne!(runs.fetch_add(1, Ordering::Relaxed), 20) })
        .unwrap();
    assert_eq!(failure.replay(), Some(Replay::Passed));
    let report = failure.to_string();
    for part in [
        "passed when it was run again",
        "statics, thread-locals and caches",
        "ANYRT_SIM_THREADS=1",
    ] {
        assert!(report.contains(part), "no {part:?} in {report}");
    }
}

#[test]
fn a_seed_that_fails_otherwise_alone_says_so() {
    let runs = AtomicU64::new(0);
    let failure = Check::new()
        .find_failure(|_| async { assert_eq!(runs.fetch_add(1, Ordering::Relaxed), 1000) })
        .unwrap();
    assert_eq!(failure.replay(), Some(Replay::Differed));
    assert!(
        failure.to_string().contains("failed in another manner"),
        "{failure}"
    );
}

#[test]
fn one_seed_is_alone_anyway() {
    let runs = AtomicU64::new(0);
    let check = Check::new().iterations(1);
    let failure =
        check.find_failure(|_| async { assert_eq!(runs.fetch_add(1, Ordering::Relaxed), 1000) });
    assert_eq!(failure.unwrap().replay(), None);
    assert_eq!(runs.into_inner(), 1);
}

#[test]
fn counts_its_threads() {
    if is_child("counts_its_threads") {
        let wanted = std::env::var("ANYRT_SIM_THREADS").unwrap();
        let wanted = wanted.parse().unwrap_or(3);
        let (threads, another) = (Mutex::new(BTreeSet::new()), Condvar::new());
        let began = Instant::now();
        Check::new().iterations(64).threads(3).run(|_| {
            let thread = format!("{:?}", std::thread::current().id());
            let mut seen = threads.lock().unwrap();
            seen.insert(thread);
            another.notify_all();
            // A thread may start when the others have run all seeds. They wait for it, but not for ever.
            let longest = Duration::from_secs(30).saturating_sub(began.elapsed());
            let waits = another.wait_timeout_while(seen, longest, |seen| seen.len() < wanted);
            drop(waits.unwrap());
            async { std::thread::sleep(Duration::from_millis(1)) }
        });
        println!("threads<{}>", threads.into_inner().unwrap().len());
    }
}

#[test]
fn the_environment_sets_the_number_of_threads() {
    let threads = |value| {
        let output = child("counts_its_threads", false, ("ANYRT_SIM_THREADS", value));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split("threads<")
            .nth(1)
            .unwrap()
            .split('>')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        (threads("1"), threads("")),
        ("1".to_owned(), "3".to_owned())
    );
}

#[test]
fn seeds_take_turns_with_policies_unless_one_is_set() {
    let seen = |check: Check| {
        let seen = Mutex::new(BTreeMap::new());
        let failure = check.iterations(8).find_failure(|sim| {
            seen.lock().unwrap().insert(sim.seed(), sim.policy());
            async {}
        });
        assert!(failure.is_none());
        seen.into_inner().unwrap().into_values().collect::<Vec<_>>()
    };
    let pct = Policy::Pct { depth: 3 };
    assert_eq!(seen(Check::new()), [Policy::Random, pct].repeat(4));
    let fixed = Check::new().builder(Sim::builder().policy(Policy::Lifo));
    assert_eq!(seen(fixed), [Policy::Lifo; 8]);
}

#[test]
fn half_of_the_seeds_are_late_if_asked_for() {
    let late = |check: Check| {
        let late = Mutex::new(BTreeSet::new());
        let failure = check.iterations(16).find_failure(|sim| {
            let late = &late;
            async move {
                sim.sleep(Duration::from_secs(1)).await;
                if sim.elapsed() > Duration::from_secs(1) {
                    late.lock().unwrap().insert(sim.seed());
                }
            }
        });
        assert!(failure.is_none());
        late.into_inner().unwrap()
    };
    let longest = Duration::from_millis(5);
    let half: BTreeSet<u64> = (0..16).filter(|seed| seed % 4 >= 2).collect();
    assert_eq!(late(Check::new()), BTreeSet::new());
    assert_eq!(late(Check::new().lateness(longest)), half);
    let all = Check::new().builder(Sim::builder().lateness(longest));
    assert_eq!(late(all).len(), 16);
}

#[test]
fn a_survey_runs_every_seed_and_groups_what_it_finds() {
    for threads in [1, 4] {
        let runs = AtomicU64::new(0);
        let survey = Check::new().iterations(60).threads(threads).survey(|sim| {
            runs.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(sim.seed() % 5 != 4, "a four");
                assert!(sim.seed() % 7 != 2, "a two");
            }
        });
        assert_eq!(runs.into_inner(), 60);
        let expected = (0..60)
            .filter(|seed| seed % 5 == 4 || seed % 7 == 2)
            .count();
        assert_eq!((survey.seeds(), survey.failed()), (60, expected as u64));
        let [two, four] = survey.groups() else {
            panic!("{survey}");
        };
        assert_eq!((two.first().seed(), four.first().seed()), (2, 4));
        assert_eq!(four.count(), 12);
        assert!(
            survey
                .to_string()
                .starts_with(&format!("{expected} of 60 seeds failed\n")),
            "{survey}"
        );
        assert!(
            survey.to_string().contains("12, the first at seed 4: "),
            "{survey}"
        );
    }
}

#[test]
fn what_a_test_launches_itself_has_its_seed() {
    Check::new().iterations(8).run(|sim| async move {
        let own = Owned::launch(Config::new()).unwrap();
        assert_eq!(own.handle().seed(), sim.seed());
    });
}

#[test]
fn a_replay_line_of_a_harness_outlives_its_builder() {
    let failure = Check::new()
        .replay_line("just sim {seed} --trace")
        .builder(Sim::builder().seed(99))
        .first_seed(5)
        .find_failure(|_| async { assert_eq!(1, 2) })
        .unwrap();
    assert!(
        failure.to_string().contains("replay: just sim 5 --trace\n"),
        "{failure}"
    );
}

#[test]
fn figures_agree_in_number_with_their_words() {
    let survey = Check::new().iterations(1).survey(|_| async {});
    let text = survey.to_string();
    assert!(text.contains("0 of 1 seed failed\n"), "{text}");
    let coverage = survey.coverage().to_string();
    assert_eq!(coverage, "1 different course, 1 order of events");
    let rt = Sim::builder().step_limit(1).build();
    let failure = rt.try_block_on(async { anyrt_core::yield_now().await });
    let message = failure.unwrap_err().message().to_owned();
    assert!(
        message.starts_with("the limit of 1 step was reached"),
        "{message}"
    );
    assert!(
        message.contains("was polled most often: once; "),
        "{message}"
    );
    let rt = Sim::builder().auto_advance(false).build();
    let failure = rt.try_block_on(rt.handle().sleep(Duration::from_secs(1)));
    let message = failure.unwrap_err().message().to_owned();
    assert!(
        message.contains("so that the armed timer cannot fire"),
        "{message}"
    );
}

#[test]
fn seeds_beyond_the_largest_number_are_refused() {
    for (first, count) in [(u64::MAX, 1), (u64::MAX - 9, 64)] {
        let runs = AtomicU64::new(0);
        let check = Check::new().first_seed(first).iterations(count);
        let refused = catch_unwind(AssertUnwindSafe(|| {
            check.run(|_sim: Sim| {
                runs.fetch_add(1, Ordering::Relaxed);
                async {}
            });
        }));
        assert!(
            refused.is_err(),
            "{count} seeds from {first} on passed after {} runs",
            runs.into_inner()
        );
    }
}
