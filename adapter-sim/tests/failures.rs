//! Failures that explain themselves.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::yield_now;
use anyrt_sim::{Builder, Check, FailureKind, Rng, Sim, TaskState};

#[test]
fn a_deadlock_names_its_tasks_and_what_they_wait_for() {
    let rt = Sim::builder().seed(5).build();
    let sim = rt.handle();
    let line = line!() + 1;
    let stuck = sim.named("stuck").spawn(std::future::pending::<()>());
    let failure = rt.try_block_on(stuck).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Deadlock);
    assert_eq!((failure.seed(), failure.time()), (5, Duration::ZERO));

    let [stuck, root] = failure.tasks() else {
        panic!("{failure}");
    };
    assert_eq!(stuck.name(), Some("stuck"));
    assert_eq!(stuck.location().line(), line);
    assert!(stuck.location().file().ends_with("failures.rs"));
    assert_eq!(stuck.state(), TaskState::Waiting);
    assert_eq!(stuck.polls(), 1);
    assert_eq!(stuck.last_poll(), Some(Duration::ZERO));
    assert_eq!(root.name(), Some("root"));
    assert_eq!(root.state(), TaskState::Joining { task: stuck.id() });
    assert_eq!(failure.events().len(), 4);

    let report = failure.to_string();
    for part in [
        "deadlock: nothing is ready",
        "seed 5, policy Random, virtual time 0ns",
        "replay: ANYRT_SIM_SEED=5 ",
        "spawned at",
        "stuck",
        "waiting for #0",
        "the last events:",
    ] {
        assert!(report.contains(part), "no {part:?} in {report}");
    }
}

#[test]
fn a_deadlock_is_a_panic_of_block_on_and_the_simulation_may_go_on() {
    let rt = Sim::builder().build();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        rt.block_on(std::future::pending::<()>())
    }));
    let payload = panicked.unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.contains("deadlock"), "{message}");
    assert_eq!(rt.block_on(async { 1 }), 1);
}

#[test]
fn a_sleeping_task_says_until_when() {
    let rt = Sim::builder().time_limit(Duration::from_secs(9)).build();
    let sim = rt.handle();
    sim.spawn_detached(sim.sleep(Duration::from_secs(10)));
    let failure = rt.try_block_on(std::future::pending::<()>()).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::TimeLimit);
    let until = Duration::from_secs(10);
    assert_eq!(failure.tasks()[0].state(), TaskState::Sleeping { until });
    assert!(
        failure.to_string().contains("sleeping until 10s"),
        "{failure}"
    );
    // It stays failed.
    let again = rt.try_block_on(async {}).unwrap_err();
    assert_eq!(again.kind(), FailureKind::TimeLimit);
}

#[test]
fn the_time_limit_itself_is_allowed() {
    let rt = Sim::builder().time_limit(Duration::from_secs(9)).build();
    rt.block_on(rt.handle().sleep(Duration::from_secs(9)));
    let late = rt.handle().sleep(Duration::from_nanos(1));
    assert!(rt.try_block_on(late).is_err());
}

#[test]
fn the_step_limit_stops_a_heartbeat_that_nobody_stops() {
    let rt = Sim::builder().step_limit(1000).build();
    let sim = rt.handle();
    sim.spawn_detached({
        let sim = sim.clone();
        async move {
            loop {
                sim.sleep(Duration::from_secs(1)).await;
            }
        }
    });
    let failure = rt.try_block_on(std::future::pending::<()>()).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::StepLimit);
    assert!(failure.time() > Duration::from_secs(900));
}

#[test]
fn a_spinning_task_is_named() {
    let rt = Sim::builder().poll_cost(Duration::ZERO).build();
    let sim = rt.handle();
    sim.named("spinner").spawn_detached(async {
        loop {
            yield_now().await;
        }
    });
    let failure = rt
        .try_block_on(sim.sleep(Duration::from_secs(1)))
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Spinning);
    assert!(
        failure
            .message()
            .contains("task #0 spinner, spawned at adapter-sim/tests/failures.rs"),
        "{failure}"
    );
    assert_eq!(failure.tasks()[0].name(), Some("spinner"));
}

#[test]
fn a_limit_that_is_met_inside_a_task_fails_the_root() {
    let rt = Sim::builder().time_limit(Duration::from_secs(1)).build();
    let sim = rt.handle();
    let task = sim.spawn({
        let sim = sim.clone();
        async move { sim.block_on(sim.sleep(Duration::from_secs(2))) }
    });
    let failure = rt.try_block_on(task).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::TimeLimit);
}

#[test]
fn wakes_show_where_they_came_from() {
    let rt = Sim::builder().wake_backtraces(true).build();
    let sim = rt.handle();
    let failure = rt
        .try_block_on(async {
            sim.sleep(Duration::from_secs(1)).await;
            std::future::pending::<()>().await
        })
        .unwrap_err();
    assert!(failure.tasks()[0].woken_at().is_some());
    assert!(failure.to_string().contains("task #0 was woken last at:"));
    let plain = Sim::builder().wake_backtraces(false).build();
    let failure = plain.try_block_on(async {
        yield_now().await;
        std::future::pending::<()>().await
    });
    assert!(failure.unwrap_err().tasks()[0].woken_at().is_none());
}

#[test]
fn a_long_blocking_closure_is_reported_with_its_place() {
    let rt = Sim::builder()
        .blocking_limit(Duration::from_millis(1))
        .print_reports(false)
        .build();
    let sim = rt.handle();
    rt.block_on(async {
        sim.spawn_blocking(|| std::thread::sleep(Duration::from_millis(3)))
            .await
            .unwrap();
    });
    assert!(
        sim.warnings()[0].contains("failures.rs"),
        "{:?}",
        sim.warnings()
    );
    let quiet = Sim::builder().build();
    let sim = quiet.handle();
    quiet.block_on(sim.spawn_blocking(|| ())).unwrap();
    assert!(sim.warnings().is_empty());
}

#[test]
fn a_task_that_panics_fails_the_simulation_if_asked_to() {
    for fails in [false, true] {
        let rt = Sim::builder().task_panics_fail(fails).build();
        let sim = rt.handle();
        sim.spawn_detached(async { panic!("unheard") });
        sim.spawn_local_detached(async { panic!("unheard") });
        let end = rt.try_block_on(sim.sleep(Duration::from_secs(1)));
        let Err(failure) = end else {
            assert!(!fails);
            continue;
        };
        assert!(fails);
        assert_eq!(failure.kind(), FailureKind::TaskPanic);
        assert!(failure.message().contains("failures.rs"), "{failure}");
        assert!(
            failure.message().ends_with("panicked: unheard"),
            "{failure}"
        );
    }
}

#[test]
fn a_loop_of_sleeps_that_are_ready_lets_other_tasks_run_and_stop_it() {
    for duration in [Duration::ZERO, Duration::from_nanos(1)] {
        let rt = Sim::builder().build();
        let sim = rt.handle();
        let mut busy = sim.spawn({
            let sim = sim.clone();
            async move {
                loop {
                    sim.sleep(duration).await;
                }
            }
        });
        let end = rt.block_on(async {
            for _ in 0..10 {
                yield_now().await;
            }
            busy.abort();
            busy.await
        });
        assert!(end.unwrap_err().is_cancelled(), "{duration:?}");
    }
}

#[test]
fn a_ready_sleep_gives_way_once_in_128_even_inside_a_combinator() {
    let rt = Sim::builder().poll_cost(Duration::ZERO).build();
    let sim = rt.handle();
    let polls = |sleeps: u64| {
        let before = sim.steps();
        let work = async {
            for _ in 0..sleeps {
                // It polls a future that woke itself again at once.
                let all = [sim.sleep(Duration::ZERO)];
                futures::future::select_all(all).await;
            }
        };
        rt.block_on(work);
        sim.steps() - before
    };
    assert_eq!(
        (polls(128), polls(129), polls(256), polls(257)),
        (1, 2, 2, 3)
    );
}

#[test]
fn an_executor_of_somebody_elses_inside_a_task_is_not_kept_for_ever() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        futures::executor::block_on(async {
            for _ in 0..1000 {
                sim.sleep(Duration::ZERO).await;
            }
        });
    });
}

#[test]
fn a_task_that_spins_over_ready_sleeps_is_reported() {
    let rt = Sim::builder()
        .poll_cost(Duration::ZERO)
        .spin_limit(100_000)
        .build();
    let sim = rt.handle();
    sim.spawn_detached({
        let sim = sim.clone();
        async move {
            loop {
                sim.sleep(Duration::ZERO).await;
            }
        }
    });
    let second = sim.sleep(Duration::from_secs(1));
    let failure = rt.try_block_on(second).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Spinning);
    let message = failure.message();
    assert!(message.contains("task #0, spawned at"), "{message}");
    assert!(message.contains("times at one instant, and"), "{message}");
    assert!(message.contains("sleep for more than zero"), "{message}");
}

#[test]
fn the_step_limit_names_the_busiest_task() {
    let rt = Sim::builder().step_limit(1000).build();
    let sim = rt.handle();
    sim.named("idle")
        .spawn_detached(std::future::pending::<()>());
    sim.named("busy").spawn_detached(async {
        loop {
            yield_now().await;
        }
    });
    let failure = rt.try_block_on(std::future::pending::<()>()).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::StepLimit);
    assert!(
        failure.message().contains("#1 busy, spawned at"),
        "{failure}"
    );
    assert!(
        failure.message().contains("polled most often: 998"),
        "{failure}"
    );
}

#[test]
fn events_name_their_tasks_even_those_that_have_ended() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    sim.named("short").spawn_detached(async {});
    let closure = sim.spawn_blocking(|| ());
    let failure = rt
        .try_block_on(async {
            closure.await.unwrap();
            yield_now().await;
            std::future::pending::<()>().await;
        })
        .unwrap_err();
    let report = failure.to_string();
    for part in ["#0 short ended", "#1 blocking ended", "#2 root polled"] {
        assert!(report.contains(part), "no {part:?} in {report}");
    }
    assert_eq!(failure.events()[0].name(), Some("short"));
}

#[test]
fn a_deadlock_says_when_a_task_ran_last() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt
        .try_block_on(async {
            // What nobody waits for moves the clock, and wakes none.
            let mut left = Box::pin(sim.sleep(Duration::from_secs(100)));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(left.as_mut().poll(&mut cx).is_pending());
            sim.sleep(Duration::from_secs(3)).await;
            std::future::pending::<()>().await;
            drop(left);
        })
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Deadlock);
    assert_eq!(failure.time(), Duration::from_secs(100));
    assert_eq!(failure.last_step(), Duration::from_secs(3));
    let report = failure.to_string();
    let line = "\n  no task ran after 3s: what the clock went on for woke none\n";
    assert!(report.contains(line), "{report}");

    let at_once = Sim::builder().build();
    let failure = at_once.try_block_on(std::future::pending::<()>());
    let report = failure.unwrap_err().to_string();
    assert!(!report.contains("no task ran after"), "{report}");
}

#[test]
fn tasks_that_wake_each_other_for_ever_fail_by_their_steps_per_second() {
    let failing = |limit: u64, pause: Duration| {
        let rt = Sim::builder()
            .steps_per_second(limit)
            .step_limit(50_000)
            .build();
        let sim = rt.handle();
        for name in ["ping", "pong"] {
            let clock = sim.clone();
            sim.named(name).spawn_detached(async move {
                loop {
                    clock.sleep(pause).await;
                }
            });
        }
        rt.try_block_on(std::future::pending::<()>()).unwrap_err()
    };
    // The two take two hundred steps a second.
    let busy = failing(100, Duration::from_millis(10));
    assert_eq!(busy.kind(), FailureKind::StepLimit);
    assert_eq!(busy.steps(), 101);
    let message = busy.message();
    assert!(
        message.starts_with("100 steps took ") && message.contains("which is less than a second"),
        "{message}"
    );
    assert!(message.contains(" p"), "it names one: {message}");
    let slow = failing(250, Duration::from_millis(10));
    assert_eq!(slow.steps(), 50_001);
    assert!(slow.message().contains("the limit of 50000 steps"));
}

#[test]
fn the_report_ends_with_the_last_events() {
    let failure = Check::new()
        .iterations(1)
        .find_failure(|sim: Sim| async move {
            for _ in 0..40 {
                sim.sleep(Duration::from_secs(1)).await;
            }
            std::future::pending::<()>().await;
        });
    let failure = failure.unwrap();
    let last = failure.events().last().unwrap().to_string();
    assert!(failure.to_string().contains(&last), "{last}");
}

#[test]
fn a_limit_of_steps_is_the_same_where_steps_are_counted_by_the_second() {
    for limit in 3..40 {
        let fails = |builder: Builder| {
            let check = Check::new()
                .iterations(1)
                .builder(builder.step_limit(limit));
            let failure = check.find_failure(|sim: Sim| async move {
                for _ in 0..20 {
                    sim.sleep(Duration::from_secs(2)).await;
                }
            });
            failure.map(|failure| failure.steps())
        };
        let plain = fails(Sim::builder());
        assert_eq!(
            fails(Sim::builder().steps_per_second(1)),
            plain,
            "a limit of {limit}"
        );
    }
}

#[test]
fn a_shuffle_and_a_choice_reach_everything() {
    let mut rng = Rng::seeded(1);
    let (mut orders, mut chosen) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..200 {
        let mut items = [1, 2, 3];
        rng.shuffle(&mut items);
        orders.insert(items);
        chosen.extend(rng.choose(&[1, 2, 3]).copied());
    }
    assert_eq!((orders.len(), chosen.len()), (6, 3), "orders, items");
}
