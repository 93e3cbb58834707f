use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use anyrt_core::{AbortHandle, Instant, MissedTick};

use super::Defect;
use crate::Sizes;

/// The defect of one started runtime, with what its parts must know of each other for it.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) defect: Defect,
    gone: Arc<AtomicBool>,
    aborts: Arc<Mutex<Vec<AbortHandle>>>,
    root: Arc<Mutex<Option<Waker>>>,
    polls: Arc<AtomicUsize>,
}

fn leak() {
    std::mem::forget(vec![0_u8; 200]);
}

impl Fault {
    pub(super) fn new(defect: Defect) -> Self {
        Self {
            defect,
            gone: Arc::default(),
            aborts: Arc::default(),
            root: Arc::default(),
            polls: Arc::default(),
        }
    }

    /// Notes that the shutdown has begun.
    pub(super) fn end(&self) {
        self.gone.store(true, Ordering::SeqCst);
    }

    /// Whether the shutdown has begun.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    /// Notes how the future of a `block_on` is woken.
    pub(super) fn root(&self, waker: &Waker) {
        let mut root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        root.replace(waker.clone());
    }

    /// Notes that a task is polled, and wakes the root now and then, as executors do that run it among their tasks.
    pub(super) fn polled(&self) {
        if self.polls.fetch_add(1, Ordering::Relaxed) % 200 != 199 {
            return;
        }
        let take = || {
            self.root
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        };
        let Some(waker) = take() else { return };
        waker.wake_by_ref();
        // A root on a thread of its own gets the time to be polled, or else many wakes become one.
        for _ in 0..20 {
            thread::sleep(Duration::from_micros(100));
            if self
                .root
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_some()
            {
                return;
            }
        }
        self.root(&waker);
    }

    /// Notes how a task is aborted.
    pub(super) fn started(&self, abort: impl FnOnce() -> AbortHandle) {
        if self.defect == Defect::AbortHitsOthers {
            let mut aborts = self.aborts.lock().unwrap_or_else(PoisonError::into_inner);
            aborts.push(abort());
        }
    }

    /// Aborts every task.
    pub(super) fn abort_all(&self) {
        let aborts = self.aborts.lock().unwrap_or_else(PoisonError::into_inner);
        let aborts = aborts.clone();
        aborts.iter().for_each(AbortHandle::abort);
    }

    /// What happens before a task is spawned; whether the task is lost.
    pub(super) fn spawning(&self) -> bool {
        match self.defect {
            Defect::SpawnPanicsInTasks => {
                assert!(!super::context::is_in_task(), "the runtime is borrowed");
            }
            Defect::SpawnPanicsWhenGone => assert!(!self.is_gone(), "the runtime is gone"),
            Defect::LeaksOnSpawn => leak(),
            _ => {}
        }
        self.defect == Defect::SpawnParksWhenGone && self.is_gone()
    }

    /// Whether what is spawned with a name is lost.
    pub(super) fn loses_named(&self) -> bool {
        match self.defect {
            Defect::NamedTasksLost => true,
            Defect::NamedParksWhenGone => self.is_gone(),
            _ => false,
        }
    }

    /// Whether a closure that is submitted with a name is lost.
    pub(super) fn loses_named_closures(&self) -> bool {
        match self.defect {
            Defect::NamedClosuresLost => true,
            Defect::NamedParksWhenGone => self.is_gone(),
            _ => false,
        }
    }

    /// How long a sleep lasts that should last `duration`.
    pub(super) fn duration(&self, duration: Duration) -> Duration {
        match self.defect {
            Defect::SleepsHalf => duration / 2,
            Defect::SleepsLate => duration.saturating_add(Duration::from_millis(400)),
            Defect::LeaksOnSleep => {
                leak();
                duration
            }
            _ => self.limit(duration),
        }
    }

    /// When a sleep ends that should end at `deadline`.
    pub(super) fn deadline(&self, deadline: Instant) -> Instant {
        match self.defect {
            Defect::FiresEarly => deadline
                .checked_sub(Duration::from_millis(5))
                .unwrap_or(deadline),
            Defect::LastInstantOverflows => {
                let rounded = deadline.checked_add(Duration::from_millis(1));
                assert!(
                    rounded.is_some(),
                    "overflow when adding a duration to an instant"
                );
                deadline
            }
            _ => deadline,
        }
    }

    /// The limit of a timeout.
    pub(super) fn limit(&self, limit: Duration) -> Duration {
        match self.defect {
            Defect::EndlessOverflows => {
                let end = Instant::now().checked_add(limit);
                assert!(
                    end.is_some(),
                    "overflow when adding a duration to an instant"
                );
                limit
            }
            Defect::TimeoutRoundsUp => limit.max(Duration::from_millis(1)),
            _ => limit,
        }
    }

    /// What an interval is made of.
    pub(super) fn interval(
        &self,
        start: Instant,
        period: Duration,
        missed: MissedTick,
    ) -> (Instant, Duration, MissedTick) {
        match self.defect {
            Defect::EndlessOverflows => (start, self.limit(period), missed),
            Defect::IntervalBursts => (start, period, MissedTick::Burst),
            Defect::IntervalStartsLate => {
                (start.checked_add(period).unwrap_or(start), period, missed)
            }
            Defect::IntervalTakesZero => (start, period.max(Duration::from_millis(1)), missed),
            _ => (start, period, missed),
        }
    }

    /// The sizes that are told of the runtime's types.
    pub(super) fn sizes(&self, sizes: Sizes) -> Sizes {
        match self.defect {
            Defect::HandlesAreBig => Sizes {
                join_handle: sizes.join_handle + 64,
                ..sizes
            },
            _ => sizes,
        }
    }

    /// Whether timeouts are made by [`Limit`](super::limit::Limit).
    pub(super) fn breaks_timeouts(&self) -> bool {
        matches!(
            self.defect,
            Defect::TimeoutCatchesPanics
                | Defect::TimeoutDropsFuture
                | Defect::TimeoutLooksOnce
                | Defect::TimerFirst
        )
    }

    /// Whether sleeps go into a [`BrokenSleep`](super::sleep::BrokenSleep).
    pub(super) fn breaks_sleeps(&self) -> bool {
        matches!(
            self.defect,
            Defect::DroppedSleepsStay
                | Defect::ElapsedForgetsZero
                | Defect::ElapsedReadsTheClock
                | Defect::ResetIgnored
                | Defect::SleepBoundToThread
                | Defect::SleepCountsFromPoll
                | Defect::SleepFiresOnce
                | Defect::SleepKeepsFirstWaker
                | Defect::SleepPendsFirst
                | Defect::SleepPutOff
        )
    }

    /// Whether intervals go into a [`BrokenInterval`](super::interval::BrokenInterval).
    pub(super) fn breaks_intervals(&self) -> bool {
        matches!(self.defect, Defect::IntervalDrifts | Defect::ResetIgnored)
    }

    /// Whether futures go into a [`Work`](super::work::Work).
    pub(super) fn breaks_work(&self) -> bool {
        matches!(
            self.defect,
            Defect::AbortLeaksFuture
                | Defect::DestructorPanicSwallowed
                | Defect::ForeignWakesLost
                | Defect::NestedBlockOnHangs
                | Defect::PanicAbortsProcess
                | Defect::PolledAfterReady
                | Defect::PolledBeforeDrop
                | Defect::PolledUnasked
                | Defect::PollsOneAtATime
                | Defect::RootPolledForTasks
                | Defect::SelfWakesPollAtOnce
                | Defect::ShutdownWaitsForItself
                | Defect::SleepNeedsContext
                | Defect::SomeWakesLost
                | Defect::SpawnPanicsInTasks
                | Defect::WakeDuringPollLost
                | Defect::WakersDiffer
                | Defect::WakesCountTwice
                | Defect::WakesPanicWhenGone
        )
    }

    /// Whether the future of a task goes into a [`Slot`](super::slot::Slot).
    pub(super) fn breaks_slots(&self) -> bool {
        matches!(
            self.defect,
            Defect::AbortDropsInline
                | Defect::AbortHandlePins
                | Defect::WakePollsInline
                | Defect::WakerPinsFuture
        )
    }
}
