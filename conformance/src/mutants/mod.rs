//! Backends with exactly one thing broken, to show that the rule meant for it goes red.
//!
//! A mutant wraps what a backend starts, in safe code and through the suite's own layer, or has one of the pieces that
//! `anyrt-structured` builds on it do one thing wrong. What safe code cannot break is
//! [listed](exempt) with what stands in. Every rule of the levels `must` and `capability` is red under a mutant or is on that
//! list, and a test holds the two against the rules.

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
mod task;
mod work;

pub(crate) use exempt::exempt;
pub(crate) use list::all;

use fault::Fault;

use crate::{AtShutdown, Backend, Mutant, capability};

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

/// The mutant with one defect.
fn mutant(
    name: &'static str,
    breaks: &'static str,
    killed_by: &'static [&'static str],
    defect: Defect,
) -> Mutant {
    let mutant = Mutant::new(name, breaks, killed_by, move |backend| {
        broken(backend, defect)
    });
    if defect.needs_shared() {
        mutant.needs(capability::Shared)
    } else {
        mutant
    }
}

fn broken(backend: Backend, defect: Defect) -> Backend {
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
    if backend.has(capability::Local) {
        backend.wrap_local(move |inner| instance::broken_local(inner, defect))
    } else {
        backend.wrap_shared(move |inner| instance::broken(inner, defect))
    }
}
