//! Sleeping until a date, on a wall clock that is set meanwhile.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anyrt_core::Instant;
use anyrt_core::prelude::*;
use anyrt_sim::{Sim, Sleep};

/// sim's monotonic clock, and a wall clock that is apart from it by what the test says.
#[derive(Clone, Debug)]
struct Jumping {
    sim: Sim,
    ahead: Arc<Mutex<Duration>>,
}

impl Timer for Jumping {
    type Sleep = Sleep;

    fn sleep(&self, duration: Duration) -> Sleep {
        self.sim.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Sleep {
        self.sim.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.sim.now()
    }

    fn system_time(&self) -> SystemTime {
        self.sim.system_time() + *self.ahead.lock().unwrap()
    }
}

const HOUR: Duration = Duration::from_secs(3600);

fn waits(first: Duration, then: Duration) -> Duration {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let timer = Jumping {
        sim: sim.clone(),
        ahead: Arc::new(Mutex::new(first)),
    };
    rt.block_on(async {
        let start = timer.now();
        let mut sleep = pin!(timer.sleep_until_system_time(timer.system_time() + HOUR));
        let early = timer
            .timeout(Duration::from_millis(1500), sleep.as_mut())
            .await;
        assert!(early.is_err());
        *timer.ahead.lock().unwrap() = then;
        sleep.await;
        timer.now() - start
    })
}

#[test]
fn a_wall_clock_that_nobody_sets_is_met_exactly() {
    assert_eq!(waits(Duration::ZERO, Duration::ZERO), HOUR);
}

#[test]
fn a_jump_forward_is_seen_within_a_second() {
    let waited = waits(Duration::ZERO, HOUR);
    assert!(waited <= Duration::from_millis(2500), "{waited:?}");
}

#[test]
fn a_jump_back_is_waited_for() {
    assert_eq!(waits(HOUR, Duration::ZERO), 2 * HOUR);
}

#[test]
fn a_date_that_is_past_is_ready_at_once() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(sim.sleep_until_system_time(SystemTime::UNIX_EPOCH));
    assert_eq!(sim.elapsed(), Duration::ZERO);
}
