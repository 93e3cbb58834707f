//! Backends with exactly one thing broken, to show that the rule meant for it goes red.
//!
//! A mutant wraps what a backend starts, in safe code and through the suite's own layer, or has one of the pieces that
//! `anyrt-structured` builds on it do one thing wrong. What safe code cannot break is
//! [listed](exempt) with what stands in. Every rule of the levels `must` and `capability` is red under a mutant or is on that
//! list, and a test holds the two against the rules.

#[cfg(feature = "cli")]
pub(crate) mod command;
mod context;
mod exempt;
mod fault;
mod instance;
mod interval;
mod late;
mod layer;
mod lazy;
mod limit;
mod list;
mod local;
mod lookup;
mod parked;
mod signal;
mod sleep;
mod slot;
mod structured;
mod task;
mod work;

pub use exempt::{Exempt, exempt};
pub use list::{all, find};

use fault::Fault;

use crate::structured::Flaw;
use crate::{AtShutdown, Backend, Capability, Case, Outcome, Plan, Rule, Runner, Status};

/// One defect, and the rules that must notice it.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// The name, as it follows the `~` in the key of a mutated backend.
    pub name: &'static str,
    /// What is broken, as a sentence.
    pub breaks: &'static str,
    /// The ids of the rules that are meant to notice.
    pub killed_by: &'static [&'static str],
    defect: Defect,
}

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    AbortDropsInline,
    AbortForgetsOutput,
    AbortHandlePins,
    AbortHandleWakesNobody,
    AbortHitsOthers,
    AbortIgnored,
    AbortLeaksFuture,
    AbortPanicsWhenGone,
    AbortsAtExit,
    AmbientWins,
    AskingTakesTheWake,
    BackgroundUntrue,
    BigFuturesOnTheStack,
    BlockOnBusy,
    BlockOnChangesPayload,
    BlockOnForgetsFuture,
    BlockOnHangsElsewhere,
    BlockOnNeverReturns,
    BlockOnPanicsInClosures,
    BlockingAbortCancels,
    BlockingInline,
    BlockingLazy,
    BlockingLimitLoses,
    BlockingLosesSome,
    BlockingOneAtATime,
    BlockingPolicyUntrue,
    ClaimsUntrue,
    CurrentUntrue,
    DestructorPanicSwallowed,
    DetachAllocates,
    DetachKeepsOutput,
    DropCancels,
    DroppedSleepsStay,
    ElapsedForgetsZero,
    ElapsedReadsTheClock,
    EndlessOverflows,
    FinishedIsNever,
    FiresEarly,
    FirstJoinWakerOnly,
    ForeignExecutor,
    ForeignWakesLost,
    FutureDroppedLate,
    GraceIgnored,
    HandlesAreBig,
    HiddenThread,
    InnerScopeStays,
    IntervalBursts,
    IntervalDrifts,
    IntervalStartsLate,
    IntervalTakesZero,
    JoinNeverWakes,
    LastInstantOverflows,
    LeaksOnSleep,
    LeaksOnSpawn,
    LookupFindsAnother,
    LosesForeignSpawn,
    LosesOneInAThousand,
    NamedClosuresLost,
    NamedDropCancels,
    NamedParksWhenGone,
    NamedTasksLost,
    NestedBlockOnHangs,
    OneBlockOnOnly,
    OneRuntimeOnly,
    OutputsGoWithRuntime,
    PanicAbortsProcess,
    PanicAsCancelled,
    PanicHookTwice,
    PayloadBecomesText,
    PolledAfterReady,
    PolledBeforeDrop,
    PolledUnasked,
    PollsOneAtATime,
    ResetIgnored,
    RootForeignWakesLost,
    RootPolledForTasks,
    RootWakeDuringPollLost,
    SecondJoinHangs,
    SelfWakesPollAtOnce,
    ShutdownForgetsTasks,
    ShutdownPanicsInside,
    ShutdownWaitsForItself,
    SleepBoundToThread,
    SleepCountsFromPoll,
    SleepFiresOnce,
    SleepKeepsFirstWaker,
    SleepNeedsContext,
    SleepPendsFirst,
    SleepPutOff,
    SleepsHalf,
    SleepsLate,
    SleepsOutOfOrder,
    SomeWakesLost,
    SpawnBoxes,
    SpawnPanicsInTasks,
    SpawnPanicsWhenGone,
    SpawnParksWhenGone,
    SpawnPollsInline,
    TimeoutCatchesPanics,
    TimeoutDropsFuture,
    TimeoutLooksOnce,
    TimeoutRoundsUp,
    TimerFirst,
    WakeDuringPollLost,
    WakePollsInline,
    WakerPinsFuture,
    WakersDiffer,
    WakesCountTwice,
    WakesPanicWhenGone,
    ZeroSizedLost,
    /// Not in the runtime, but in what `anyrt-structured` does on it.
    Structured(Flaw),
}

impl From<Flaw> for Defect {
    fn from(flaw: Flaw) -> Self {
        Self::Structured(flaw)
    }
}

impl Defect {
    /// Whether it takes tasks that are `Send`, or a handle that is.
    fn needs_shared(self) -> bool {
        matches!(
            self,
            Self::AbortDropsInline
                | Self::AbortHandlePins
                | Self::AmbientWins
                | Self::BigFuturesOnTheStack
                | Self::BlockOnHangsElsewhere
                | Self::BlockOnPanicsInClosures
                | Self::BlockingAbortCancels
                | Self::BlockingInline
                | Self::BlockingLazy
                | Self::BlockingLimitLoses
                | Self::BlockingLosesSome
                | Self::BlockingOneAtATime
                | Self::ForeignExecutor
                | Self::FutureDroppedLate
                | Self::LosesForeignSpawn
                | Self::LosesOneInAThousand
                | Self::OneBlockOnOnly
                | Self::OneRuntimeOnly
                | Self::PollsOneAtATime
                | Self::ShutdownWaitsForItself
                | Self::SleepNeedsContext
                | Self::SleepsOutOfOrder
                | Self::SpawnBoxes
                | Self::SpawnPollsInline
                | Self::WakePollsInline
                | Self::WakerPinsFuture
        )
    }
}

impl Mutant {
    /// Whether `backend` can be broken this way.
    pub fn takes(&self, backend: &Backend) -> bool {
        backend.has(Capability::Shared) || !self.defect.needs_shared()
    }

    /// Breaks `backend`; its key then ends in `~` and the mutant's name.
    ///
    /// # Panics
    ///
    /// For a backend that it does not [take](Self::takes).
    pub fn apply(&self, backend: Backend) -> Backend {
        assert!(
            self.takes(&backend),
            "the mutant {:?} is made of backends whose tasks are `Send`",
            self.name
        );
        let defect = self.defect;
        let backend = backend.claims(|claims| match defect {
            Defect::BackgroundUntrue => claims.background = !claims.background,
            Defect::CurrentUntrue => claims.always_current = !claims.always_current,
            Defect::BlockingPolicyUntrue => {
                claims.blocking_at_shutdown = match claims.blocking_at_shutdown {
                    AtShutdown::Waits => AtShutdown::Leaves,
                    AtShutdown::Leaves | AtShutdown::NoneRuns => AtShutdown::Waits,
                }
            }
            Defect::ClaimsUntrue => {
                claims.multi_thread = !claims.multi_thread;
                claims.nested_block_on = !claims.nested_block_on;
                claims.foreign_block_on = !claims.foreign_block_on;
                claims.global_timer = !claims.global_timer;
                claims.virtual_time = !claims.virtual_time;
            }
            _ => {}
        });
        let backend = lookup::broken(backend, defect);
        let suffix = format!("~{}", self.name);
        if let Defect::Structured(flaw) = defect {
            return backend.flawed(&suffix, flaw);
        }
        if backend.has(Capability::Local) {
            backend.wrap_local(&suffix, move |inner| instance::broken_local(inner, defect))
        } else {
            backend.wrap_shared(&suffix, move |inner| instance::broken(inner, defect))
        }
    }

    /// The cases of `rules` on `backend` broken this way, without those that do not apply to it.
    pub fn cases(&self, backend: &Backend, rules: &[Rule]) -> Vec<Case> {
        if !self.takes(backend) {
            return Vec::new();
        }
        let backend = self.apply(backend.clone());
        let cases = rules.iter().map(|&rule| Case {
            backend: backend.clone(),
            rule,
        });
        let applies = |it: &Case| !matches!(it.plan(), Plan::NotApplicable(_));
        cases.filter(applies).collect()
    }
}

/// So often a case is run at most, to find it red.
const TRIES: usize = 3;

/// Runs a mutant's case, and again while it holds: a defect in time or in a race can hide behind the load of the machine.
pub fn run(runner: &Runner, case: &Case) -> Outcome {
    let mut outcome = runner.run_one(case);
    for _ in 1..TRIES {
        if outcome.status == Status::Fail {
            break;
        }
        outcome = runner.run_one(case);
    }
    outcome
}
