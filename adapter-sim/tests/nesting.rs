//! Tasks and closures that drive the simulation, from inside its own polls.

mod common;

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_sim::{FailureKind, Sim};
use common::watched;

const SECOND: Duration = Duration::from_secs(1);

/// A closure that takes three seconds, under a limit of two.
async fn slow_closure(sim: Sim) -> (bool, Duration) {
    let work = sim.spawn_blocking({
        let sim = sim.clone();
        move || sim.advance(3 * SECOND)
    });
    let end = sim.timeout(2 * SECOND, work).await;
    (end.is_err(), sim.elapsed())
}

/// A task that takes three seconds in one poll, under a limit of two.
async fn slow_task(sim: Sim) -> (bool, Duration) {
    let work = sim.spawn({
        let sim = sim.clone();
        async move { sim.block_on(sim.sleep(3 * SECOND)) }
    });
    let end = sim.timeout(2 * SECOND, work).await;
    (end.is_err(), sim.elapsed())
}

#[test]
fn time_runs_for_the_root_as_for_a_task() {
    for seed in 0..16 {
        let run = |in_task: bool, task: bool| {
            let rt = Sim::builder().seed(seed).build();
            let sim = rt.handle();
            let work: std::pin::Pin<Box<dyn Future<Output = _> + Send>> = match task {
                true => Box::pin(slow_task(sim.clone())),
                false => Box::pin(slow_closure(sim.clone())),
            };
            match in_task {
                true => rt.block_on(sim.spawn(work)).unwrap(),
                false => rt.block_on(work),
            }
        };
        for task in [false, true] {
            let (elapsed, at) = run(false, task);
            assert!(elapsed, "seed {seed}: the root was late");
            assert!(at < 2 * SECOND + SECOND / 1000, "{at:?}");
            assert_eq!(run(true, task), (elapsed, at), "seed {seed}");
        }
    }
}

#[test]
fn a_root_that_ended_meanwhile_returns_its_output_or_its_panic() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let busy = |sim: &Sim| {
        sim.spawn_blocking({
            let sim = sim.clone();
            move || sim.advance(3 * SECOND)
        })
        .detach();
    };
    busy(&sim);
    assert_eq!(
        rt.block_on(async {
            sim.sleep(SECOND).await;
            42
        }),
        42
    );

    busy(&sim);
    let panics = async {
        sim.sleep(SECOND).await;
        panic!("the root's own")
    };
    let run = std::panic::AssertUnwindSafe(|| rt.try_block_on(panics).map(|never: ()| never));
    let payload = std::panic::catch_unwind(run).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the root's own"));
}

#[test]
fn an_inner_block_on_may_wait_for_the_root_further_out() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (send, receive) = futures::channel::oneshot::channel();
    let closure = sim.spawn_blocking({
        let sim = sim.clone();
        move || sim.block_on(receive).unwrap()
    });
    let answer = rt.block_on(async {
        sim.sleep(SECOND).await;
        send.send(42).unwrap();
        closure.await.unwrap()
    });
    assert_eq!(answer, 42);
}

#[test]
fn roots_of_two_simulations_on_one_stack_are_told_apart() {
    let (one, two) = (Sim::builder().build(), Sim::builder().build());
    let (first, second) = (one.handle(), two.handle());
    let order = Arc::new(Mutex::new(Vec::new()));
    let task = first.spawn({
        let (first, second, order) = (first.clone(), second.clone(), Arc::clone(&order));
        async move {
            second.block_on(async {
                second.sleep(SECOND).await;
                order.lock().unwrap().push("the other's root");
                first.advance(2 * SECOND);
            });
        }
    });
    one.block_on(async {
        first.sleep(SECOND).await;
        order.lock().unwrap().push("the own root");
        task.await.unwrap();
    });
    assert_eq!(*order.lock().unwrap(), ["the other's root", "the own root"]);
    assert_eq!((first.elapsed(), second.elapsed()), (2 * SECOND, SECOND));
}

#[test]
fn six_hundred_closures_that_block_are_reported_and_overflow_no_stack() {
    watched(|| {
        let rt = Sim::builder().build();
        let sim = rt.handle();
        for _ in 0..600 {
            let inner = sim.clone();
            let work = move || inner.block_on(inner.sleep(SECOND));
            sim.spawn_blocking(work).detach();
        }
        let failure = rt.try_block_on(sim.sleep(2 * SECOND)).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Nesting);
        assert!(
            failure.message().contains("more than 64 calls"),
            "{failure}"
        );
        assert!(failure.message().contains("nesting_limit"), "{failure}");
    });
}

#[test]
fn the_nesting_limit_itself_is_allowed() {
    let nested = |closures: usize| {
        let rt = Sim::builder().nesting_limit(8).build();
        let sim = rt.handle();
        for _ in 0..closures {
            let inner = sim.clone();
            let work = move || inner.block_on(inner.sleep(SECOND));
            sim.spawn_blocking(work).detach();
        }
        rt.try_block_on(sim.sleep(2 * SECOND)).is_ok()
    };
    // The root is one, and each closure another.
    assert!(nested(7));
    assert!(!nested(8));
}

#[test]
fn a_closure_that_waits_for_the_outside_is_reported_while_it_waits() {
    watched(|| {
        let rt = Sim::builder()
            .blocking_limit(Duration::from_millis(20))
            .print_reports(false)
            .build();
        let sim = rt.handle();
        let (release, outside) = mpsc::channel::<()>();
        let line = line!() + 1;
        let closure = sim.spawn_blocking(move || outside.recv().unwrap());
        let observer = std::thread::spawn({
            let sim = sim.clone();
            move || {
                // Only a report that comes while the closure waits lets it go on.
                while sim.warnings().is_empty() {
                    std::thread::yield_now();
                }
                let first = sim.warnings()[0].clone();
                release.send(()).unwrap();
                first
            }
        });
        rt.block_on(closure).unwrap();
        let report = observer.join().unwrap();
        assert!(report.contains(&format!("nesting.rs:{line}")), "{report}");
        assert!(report.contains("stands still"), "{report}");
    });
}
