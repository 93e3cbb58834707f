//! What a simulation without sockets has in the place of a network: nothing, at no cost.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

use crate::TaskId;
use crate::host_id::HostId;
use crate::report::label::Label;
use crate::schedule::choices::Made;
use crate::settings::Settings;

/// How many lines of programs are kept.
const NOTED: usize = 40;

pub(crate) struct Wire {
    /// What programs noted last.
    noted: VecDeque<(u64, Option<TaskId>, String)>,
}

impl Wire {
    pub(crate) fn new(_: &Settings) -> Self {
        Self {
            noted: VecDeque::new(),
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

    pub(crate) fn note_event(&mut self, at: u64, _: HostId, task: Option<TaskId>, text: String) {
        if self.noted.len() == NOTED {
            self.noted.pop_front();
        }
        self.noted.push_back((at, task, text));
    }

    /// What was noted, a line each.
    pub(crate) fn diagram(&self, label: &dyn Fn(TaskId) -> Label) -> String {
        let line = |(at, task, text): &(u64, Option<TaskId>, String)| {
            let task = task.map(|task| format!(" {task}{}", label(task)));
            let (time, task) = (Duration::from_nanos(*at), task.unwrap_or_default());
            format!("{time:?}{task} {text}\n")
        };
        self.noted.iter().map(line).collect()
    }

    pub(crate) fn page(&self, _: &str, _: &dyn Fn(TaskId) -> Label) -> String {
        String::new()
    }
}
