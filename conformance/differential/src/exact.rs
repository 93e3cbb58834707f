//! The model where time is virtual: one answer for each handle, because nothing but waiting takes time.

use std::collections::BTreeMap;

use super::expected::Seen;
use super::program::{End, Fate, Place, Program, Step, Task};

/// Milliseconds since the start of the program.
type Time = u64;

/// What awaiting the handle of each task gives, by number: one answer, or two where two things happen in the same millisecond.
pub(crate) fn joins(program: &Program) -> BTreeMap<u32, Vec<Seen>> {
    let mut all = BTreeMap::new();
    run(&program.root, 0, &mut all);
    all
}

/// When steps that begin at `now` are through.
fn run(steps: &[Step], mut now: Time, all: &mut BTreeMap<u32, Vec<Seen>>) -> Time {
    for step in steps {
        now = match step {
            Step::Yield => now,
            Step::Sleep(millis) => now + Time::from(*millis),
            Step::Interval { period, ticks } => {
                now + Time::from(*period) * (Time::from(*ticks) - 1)
            }
            Step::Timeout { limit, sleep } => {
                let ends = [*limit, *sleep].into_iter().flatten();
                now + ends.min().map_or(0, Time::from)
            }
            Step::Spawn {
                on,
                child,
                between,
                fate,
            } => {
                let end = end(*on, child, now, all);
                let now = run(between, now, all);
                let (seen, now) = settle(*on, child, *fate, end, now);
                all.insert(child.id, seen);
                now
            }
        };
    }
    now
}

/// When a task that is started at `now` comes to its own end.
fn end(on: Place, child: &Task, now: Time, all: &mut BTreeMap<u32, Vec<Seen>>) -> Option<Time> {
    let end = run(&child.steps, now, all);
    match on {
        // A closure sleeps by the system's clock.
        Place::Pool => Some(now),
        Place::Executor => (child.end != End::Park).then_some(end),
    }
}

/// What awaiting a handle from `now` on gives, and when.
fn settle(on: Place, child: &Task, fate: Fate, end: Option<Time>, now: Time) -> (Vec<Seen>, Time) {
    let own = match child.end {
        End::Value => Seen::Value,
        End::Panic => Seen::Panic,
        // It never comes to that.
        End::Park => Seen::Cancelled,
    };
    if !fate.joins() {
        return (Vec::new(), now);
    }
    // What else may come, and when.
    let (other, due) = match fate {
        Fate::JoinWithin(Some(limit)) => (Seen::Elapsed, now + Time::from(limit)),
        fate if fate.aborts() && on == Place::Executor => (Seen::Cancelled, now),
        _ => return (vec![own], now.max(end.unwrap_or(now))),
    };
    match end {
        Some(end) if end < due => (vec![own], now.max(end)),
        Some(end) if end == due => (vec![own, other], due),
        _ => (vec![other], due),
    }
}
