//! The state of a simulation in words and figures, for reports.

use std::time::Duration;

use crate::report::failure::{Failure, Report};
use crate::report::fault::Fault;
use crate::report::label::Label;
use crate::rng::mix;
use crate::schedule::choices::Made;
use crate::schedule::state::State;
use crate::settings::Settings;
use crate::{Event, TaskId, TaskInfo};

impl State {
    /// The last events, with what their tasks are called.
    pub(crate) fn events(&self) -> Vec<Event> {
        let last = self.trace.last();
        last.map(|record| Event::new(record, self.label_of(record.task)))
            .collect()
    }

    /// What a task is called, or was.
    pub(crate) fn label_of(&self, task: TaskId) -> Label {
        match self.tasks.get(&task) {
            Some(entry) => entry.label(),
            None => {
                let ended = self.ended.iter().rfind(|(other, _)| *other == task);
                ended.map(|(_, label)| label.clone()).unwrap_or_default()
            }
        }
    }

    /// Writes a failure up.
    pub(crate) fn failure(&self, fault: &Fault, settings: &Settings) -> Failure {
        Failure::new(Report {
            kind: fault.kind(),
            message: fault.message(),
            seed: settings.seed,
            policy: settings.policy(),
            time: Duration::from_nanos(self.now),
            steps: self.steps,
            hash: self.hash(),
            tasks: self.infos(),
            events: self.events(),
            panics: Vec::new(),
            choices: self.kept_choices(settings),
            kept: settings.kept.clone(),
            shrunk: None,
            divergence: None,
            diagram: self.wire.diagram(&|task| self.label_of(task)),
            page: self.wire.page(
                &format!("seed {}: {}", settings.seed, fault.message()),
                &|task| self.label_of(task),
            ),
            replay: None,
            replay_line: settings.replay_line.clone(),
        })
    }

    /// The choices that the run made, by their times.
    pub(crate) fn made(&self) -> Vec<Made> {
        let mut all = self.schedule.clone();
        all.extend_from_slice(self.choices.made());
        all.extend_from_slice(self.wire.made());
        all.sort_by_key(|made| (made.time, made.choice));
        all
    }

    /// The choices of a run that was given which ones to keep, a line each.
    fn kept_choices(&self, settings: &Settings) -> Vec<String> {
        if settings.kept.is_none() {
            return Vec::new();
        }
        let line = |made: &Made| {
            let time = Duration::from_nanos(made.time);
            let what = match (made.choice.kind, made.tasks) {
                (_, Some((task, first))) => format!(
                    "task {task}{} ran before {first}{}, which was ready for longer",
                    self.label_of(task),
                    self.label_of(first)
                ),
                (kind, None) => kind.to_string(),
            };
            format!("{time:?} {what} ({})", made.choice)
        };
        self.made().iter().map(line).collect()
    }

    /// The hash of all events and of all messages.
    pub(crate) fn hash(&self) -> u64 {
        match self.wire.hash() {
            0 => self.trace.hash(),
            messages => mix(self.trace.hash() ^ messages.rotate_left(32)),
        }
    }

    pub(crate) fn infos(&self) -> Vec<TaskInfo> {
        self.tasks
            .iter()
            .map(|(&id, entry)| entry.info(id))
            .collect()
    }
}
