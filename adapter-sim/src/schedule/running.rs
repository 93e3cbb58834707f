//! What the running task does, as far as the scheduler counts it and reports tell of it.

use std::task::Waker;

use crate::TaskId;
use crate::host_id::HostId;
use crate::report::fault::Named;
use crate::report::label::Label;
use crate::schedule::choices;
use crate::schedule::entry::{Entry, Kind};
use crate::schedule::state::State;
use crate::schedule::timers::{NEVER, TimerKey};
use crate::schedule::wait::Wait;
use crate::settings::Settings;

impl State {
    /// Arms a timer for the task that runs; a sleep may be late, never early.
    pub(crate) fn arm(&mut self, settings: &Settings, deadline: u64, waker: Waker) -> TimerKey {
        let late = match settings.lateness {
            None | Some(0) => 0,
            Some(longest) => self.time_rng.below(longest.saturating_add(1)),
        };
        let late = match self.choices.keeps(choices::Kind::Late, late > 0, self.now) {
            true => late,
            false => 0,
        };
        let at = match deadline {
            NEVER => NEVER,
            _ => deadline.saturating_add(late).min(NEVER - 1),
        };
        self.note_until(at);
        self.timers.arm(at, waker)
    }

    pub(crate) fn note_until(&mut self, at: u64) {
        if at != NEVER {
            self.note_wait(Wait::Sleep(at));
        }
    }

    /// For reports: the running task waits for this.
    pub(crate) fn note_wait(&mut self, wait: Wait) {
        if let Some(entry) = self.innermost() {
            entry.waits.push(wait);
        }
    }

    /// What the task that runs is called, and its group.
    pub(crate) fn running_label(&self) -> Label {
        if let Some(host) = self.dropping {
            return Label {
                host: Some(host),
                ..Label::default()
            };
        }
        let running = self.running.last().and_then(|task| self.tasks.get(task));
        running.map_or_else(Label::default, |entry| entry.label.clone())
    }

    /// The task that runs.
    pub(crate) fn running_task(&self) -> Option<TaskId> {
        self.running.last().copied()
    }

    /// The task that runs, and what reports call it.
    pub(crate) fn running(&self) -> Option<(TaskId, Label)> {
        let task = self.running_task()?;
        Some((task, self.tasks.get(&task)?.label()))
    }

    /// The host of the task that runs.
    pub(crate) fn running_host(&self) -> HostId {
        let running = self.running.last().and_then(|task| self.tasks.get(task));
        let host = running.and_then(|entry| entry.label.host);
        self.dropping.or(host).unwrap_or_default()
    }

    /// The blocking closure that runs, if that is what the driving thread is at.
    pub(crate) fn running_closure(&self) -> Option<Named> {
        let task = *self.running.last()?;
        let entry = self.tasks.get(&task)?;
        (entry.kind == Kind::Blocking).then(|| entry.named(task))
    }

    /// Counts a sleep that is ready; tells whether the task that polls it has to give way first.
    pub(crate) fn must_give_way(&mut self) -> bool {
        self.innermost().is_some_and(Entry::must_give_way)
    }

    /// Gives back what [`must_give_way`](Self::must_give_way) counted for an operation that was not ready, and notes it.
    #[cfg_attr(
        not(feature = "net"),
        expect(dead_code, reason = "sockets are charged before they are asked")
    )]
    pub(crate) fn take_charge_back(&mut self, wait: Wait) {
        if let Some(entry) = self.innermost() {
            entry.take_charge_back(wait);
        }
    }

    /// Counts a fault, which strikes or does not; tells whether it is to. `words` say what it is.
    pub(crate) fn keeps_fault(
        &mut self,
        kind: choices::Kind,
        strikes: bool,
        words: impl FnOnce() -> String,
    ) -> bool {
        let strikes = self.choices.keeps(kind, strikes, self.now);
        if strikes {
            self.choices.describe_last(words);
        }
        strikes
    }
}
