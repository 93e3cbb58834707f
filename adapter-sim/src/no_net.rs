//! What a simulation without sockets has in the place of a network: nothing, at no cost.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

use crate::TaskId;
use crate::host_id::HostId;
use crate::report::view::{Described, View};
use crate::schedule::choices::Made;
use crate::schedule::shared::Shared;
use crate::settings::Settings;

/// How many lines of programs are kept.
const NOTED: usize = 40;

/// How many pinned lines are kept.
const PINNED: usize = 64;

/// A line, with its time and its task.
type Noted = (u64, Option<TaskId>, String);

/// How payloads are shown: there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payloads {}

/// An operation of a socket: there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {}

pub(crate) struct Wire {
    /// What programs noted last.
    noted: VecDeque<Noted>,
    pinned: VecDeque<Noted>,
}

impl Wire {
    pub(crate) fn new(_: &Settings) -> Self {
        Self {
            noted: VecDeque::new(),
            pinned: VecDeque::new(),
        }
    }

    pub(crate) fn next(&self) -> Option<u64> {
        None
    }

    pub(crate) fn deliver(&mut self, _: u64, _: &mut Vec<Waker>) {}

    pub(crate) fn close(&mut self) -> Vec<Waker> {
        Vec::new()
    }

    pub(crate) fn park(&mut self, _: Option<HostId>, _: TaskId) -> bool {
        false
    }

    pub(crate) fn is_parked(&self, _: Option<HostId>, _: TaskId) -> bool {
        false
    }

    pub(crate) fn pending_words(&self, pending: Pending) -> Option<String> {
        match pending {}
    }

    pub(crate) fn take_parked(&mut self, _: Option<HostId>, _: TaskId) -> bool {
        false
    }

    pub(crate) fn is_down(&self, _: Option<HostId>) -> bool {
        false
    }

    pub(crate) fn has_hosts(&self) -> bool {
        false
    }

    pub(crate) fn clocks_differ(&self) -> bool {
        false
    }

    pub(crate) fn local_time(&self, _: HostId, time: u64) -> u64 {
        time
    }

    pub(crate) fn global_time(&self, _: HostId, time: u64) -> u64 {
        time
    }

    pub(crate) fn repeats(&mut self, _: HostId, _: u64) -> bool {
        false
    }

    pub(crate) fn wall(&self, _: HostId, _: u64) -> Option<std::time::SystemTime> {
        None
    }

    pub(crate) fn made(&self) -> &[Made] {
        &[]
    }

    pub(crate) fn hash(&self) -> u64 {
        0
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn name_of(&self, _: HostId) -> Option<std::sync::Arc<str>> {
        None
    }

    pub(crate) fn note_event(
        &mut self,
        at: u64,
        _: HostId,
        task: Option<TaskId>,
        text: String,
        is_pinned: bool,
    ) {
        let (lines, most) = match is_pinned {
            true => (&mut self.pinned, PINNED),
            false => (&mut self.noted, NOTED),
        };
        if lines.len() == most {
            lines.pop_front();
        }
        let place = lines.partition_point(|(other, ..)| *other <= at);
        lines.insert(place, (at, task, text));
    }

    /// What was pinned and noted, a line each.
    pub(crate) fn diagram(&self, view: &View<'_>, _: &Payloads) -> String {
        let line = |(at, task, text): &Noted| {
            let task = task.map(|task| format!(" {task}{}", (view.label)(task)));
            let (time, task) = (Duration::from_nanos(*at), task.unwrap_or_default());
            format!("{time:?}{task} {text}\n")
        };
        let mut all: Vec<_> = self.pinned.iter().chain(&self.noted).collect();
        all.sort_by_key(|(at, ..)| *at);
        all.into_iter().map(line).collect()
    }

    pub(crate) fn page(&self, _: &str, _: &View<'_>) -> String {
        String::new()
    }
}

impl Shared {
    pub(crate) fn describe_payloads(&self) -> Described {
        Described::new()
    }
}
