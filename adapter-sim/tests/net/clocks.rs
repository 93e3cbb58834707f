use std::time::Duration;

use anyrt_core::{Sleep, prelude::*};

use crate::setup::{MS, SECOND, check};

#[test]
fn clocks_drift_apart_and_readings_stay_strict() {
    check(|sim| async move {
        let (fast, slow) = (sim.host("fast"), sim.host("slow"));
        fast.set_clock_drift(200_000);
        slow.set_clock_drift(-200_000);
        let (fast, slow) = (fast.handle(), slow.handle());
        let start = (fast.now(), slow.now());
        sim.sleep(10 * SECOND).await;
        let passed = (fast.now() - start.0, slow.now() - start.1);
        assert_eq!(
            (passed.0.as_millis(), passed.1.as_millis()),
            (12_000, 8_000)
        );
        let mut last = slow.now();
        for _ in 0..100 {
            let now = slow.now();
            assert!(now > last);
            last = now;
        }
    });
}

#[test]
fn a_timeout_on_a_drifting_host_follows_its_clock() {
    check(|sim| async move {
        let fast = sim.host("fast");
        fast.set_clock_drift(250_000);
        let start = sim.elapsed();
        let task = fast.restart(|rt| async move {
            let before = rt.now();
            let deadline = before + 10 * SECOND;
            let mut sleep = std::pin::pin!(rt.sleep_until(deadline));
            assert_eq!(Sleep::deadline(&*sleep), Some(deadline));
            sleep.as_mut().await;
            assert!(rt.now() >= deadline);
            // Through the ambient form, too.
            anyrt_sim::Ambient.now() - before
        });
        let told = task.await.unwrap();
        assert!(told >= 10 * SECOND && told < 10 * SECOND + MS, "{told:?}");
        let took = sim.elapsed() - start;
        assert!(took >= 8 * SECOND && took < 8 * SECOND + MS, "{took:?}");
    });
}

#[test]
fn a_wall_clock_jumps_on_one_host_alone() {
    check(|sim| async move {
        let (one, other) = (sim.host("one"), sim.host("other"));
        let (before, start) = (other.handle().system_time(), one.handle().now());
        one.set_system_time(before - Duration::from_secs(3600));
        sim.sleep(60 * SECOND).await;
        assert_eq!(
            one.handle().system_time(),
            before - Duration::from_secs(3540)
        );
        assert_eq!(
            other.handle().system_time(),
            before + Duration::from_secs(60)
        );
        assert!(one.handle().now() - start >= 60 * SECOND);
    });
}
