//! Runs cases, each in a process of its own, and watches over them.

mod direct;
mod inline;
mod isolated;
mod panics;

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub use direct::run_direct;
pub use isolated::{CASE_VARIABLE, child, run_job};

use crate::case::{Case, Outcome, Plan, Status};
use crate::kit::now;

/// How long a case that is expected to fail may hang.
const PATIENCE: Duration = Duration::from_secs(2);

/// So often a mutant's case is run at most, to find it red.
const TRIES: usize = 3;

/// How cases are run.
#[derive(Clone, Debug)]
pub struct Runner {
    /// Whether each case gets a process of its own: this program, started again.
    ///
    /// Without it, cases run one after another on threads of this process; one that hangs keeps its thread.
    pub isolated: bool,
    /// How many cases run at once.
    pub jobs: usize,
    /// How long a case may take before it counts as hung. In a process of its own, time does not count in which it waits for a
    /// processor, as [`Patience`](crate::kit::Patience) says.
    pub limit: Duration,
}

impl Default for Runner {
    fn default() -> Self {
        Self {
            isolated: true,
            // Most cases wait most of the time.
            jobs: 2 * thread::available_parallelism().map_or(1, NonZero::get),
            limit: Duration::from_secs(30),
        }
    }
}

impl Runner {
    /// Runs one case.
    pub fn run_one(&self, case: &Case) -> Outcome {
        let plan = case.plan();
        if let Plan::NotApplicable(_) = plan {
            return case.judge(&plan, Ok(None), Duration::ZERO);
        }
        let limit = if Case::must_not_hold(&plan) {
            self.limit.min(PATIENCE)
        } else {
            self.limit
        };
        let start = now();
        let verdict = if self.isolated {
            isolated::run(case, limit)
        } else {
            inline::run(case, limit)
        };
        case.judge(&plan, verdict, now().duration_since(start))
    }

    /// Runs a mutant's case, and again while it holds: a defect in time or in a race can hide behind the load of the machine.
    pub fn run_mutant(&self, case: &Case) -> Outcome {
        let mut outcome = self.run_one(case);
        for _ in 1..TRIES {
            if outcome.status == Status::Fail {
                break;
            }
            outcome = self.run_one(case);
        }
        outcome
    }

    /// Runs all `cases`, calls `done` after each, and returns the outcomes in the order of the cases.
    pub fn run(&self, cases: &[Case], done: impl Fn(&Case, &Outcome) + Sync) -> Vec<Outcome> {
        let jobs = if self.isolated { self.jobs.max(1) } else { 1 };
        let next = AtomicUsize::new(0);
        let outcomes: Vec<Mutex<Option<Outcome>>> =
            cases.iter().map(|_| Mutex::new(None)).collect();
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(case) = cases.get(index) else { break };
                        let outcome = self.run_one(case);
                        done(case, &outcome);
                        *outcomes[index].lock().expect("nothing panics under it") = Some(outcome);
                    }
                });
            }
        });
        let outcomes = outcomes.into_iter().map(Mutex::into_inner);
        outcomes
            .map(|it| it.ok().flatten().expect("every case was run"))
            .collect()
    }
}
