//! The state of a simulation in words and figures, for reports.

use std::time::Duration;

use crate::report::failure::{Failure, Report};
use crate::report::fault::Fault;
use crate::report::label::Label;
use crate::report::view::{Described, View};
use crate::rng::mix;
use crate::schedule::choices::Made;
use crate::schedule::entry::{Entry, Kind, Phase};
use crate::schedule::state::State;
use crate::schedule::wait::{Wait, Waking};
use crate::settings::Settings;
use crate::{Event, TaskId, TaskInfo, TaskState};

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

    /// Writes a failure up; `described` is what is said of the messages.
    pub(crate) fn failure(
        &self,
        fault: &Fault,
        settings: &Settings,
        described: &Described,
    ) -> Failure {
        let tasks = self.infos();
        let view = View {
            label: &|task| self.label_of(task),
            failing: fault.host(),
            described,
            tasks: &tasks,
        };
        let title = format!("seed {}: {}", settings.seed, fault.message());
        let diagram = self.wire.diagram(&view, &settings.payloads);
        let page = self.wire.page(&title, &view);
        Failure::new(Report {
            kind: fault.kind(),
            message: fault.message(),
            seed: settings.seed,
            policy: settings.policy(),
            time: Duration::from_nanos(self.now),
            last_step: Duration::from_nanos(self.last_step()),
            steps: self.steps,
            hash: self.hash(),
            tasks,
            events: self.events(),
            panics: Vec::new(),
            choices: self.kept_choices(settings),
            kept: settings.kept.clone(),
            shrunk: None,
            divergence: None,
            diagram,
            page,
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

    /// The choices of a run that was given which ones to keep, a line each: its faults, and all others.
    fn kept_choices(&self, settings: &Settings) -> [Vec<String>; 2] {
        if settings.kept.is_none() {
            return Default::default();
        }
        let line = |made: &Made| {
            let time = Duration::from_nanos(made.time);
            let what = match (made.choice.kind, made.tasks) {
                (_, None) if made.what.is_some() => {
                    made.what.as_deref().unwrap_or_default().to_owned()
                }
                (_, Some((task, first))) => format!(
                    "task {task}{} ran before {first}{}, which was ready for longer",
                    self.label_of(task),
                    self.label_of(first)
                ),
                (kind, None) => kind.to_string(),
            };
            format!("{time:?} {what} ({})", made.choice)
        };
        let is_fault = |made: &Made| made.choice.kind.is_fault();
        let (faults, others): (Vec<_>, Vec<_>) = self.made().into_iter().partition(is_fault);
        [faults, others].map(|all| all.iter().map(line).collect())
    }

    /// The hash of all events and of all messages.
    pub(crate) fn hash(&self) -> u64 {
        match self.wire.hash() {
            0 => self.trace.hash(),
            messages => mix(self.trace.hash() ^ messages.rotate_left(32)),
        }
    }

    pub(crate) fn infos(&self) -> Vec<TaskInfo> {
        let all = self.tasks.iter();
        all.map(|(&id, entry)| self.info(id, entry)).collect()
    }

    fn info(&self, id: TaskId, entry: &Entry) -> TaskInfo {
        let state = self.state_of(entry);
        TaskInfo {
            id,
            label: entry.label(),
            location: entry.location(),
            state,
            polls: entry.polls,
            last_poll: (entry.polls > 0).then(|| Duration::from_nanos(entry.last_poll)),
            waits_for: match (entry.phase, state) {
                (Phase::Ready, _) if self.wire.is_parked(entry.label.host, id) => {
                    Some("ready, but its host is paused".to_owned())
                }
                (Phase::Waiting, _) => Some(self.waits_of(entry)),
                _ => None,
            },
            last_wake: entry.woken_by.map(|by| {
                let by = match by {
                    Waking::Task(task) => format!("{task}{}", self.label_of(task)),
                    Waking::Timer => "a timer".to_owned(),
                    Waking::Arrival => "the network".to_owned(),
                    Waking::Outside => "outside".to_owned(),
                };
                (Duration::from_nanos(entry.woken_at), by)
            }),
            backtrace: (entry.backtrace.as_ref()).map(|backtrace| backtrace.to_string().into()),
        }
    }

    fn state_of(&self, entry: &Entry) -> TaskState {
        let armed = |wait| match wait {
            Wait::Sleep(at) if self.timers.is_armed(at) => Some(at),
            _ => None,
        };
        let joined = |wait| match wait {
            Wait::Join(task) => Some(task),
            _ => None,
        };
        match entry.phase {
            Phase::Ready => TaskState::Ready,
            Phase::Running => TaskState::Running,
            Phase::Waiting => {
                let until = entry.waits.iter().filter_map(armed).min();
                let until = until.map(|at| TaskState::Sleeping {
                    until: Duration::from_nanos(at),
                });
                let task = entry.waits.iter().filter_map(joined).last();
                let joining = task.map(|task| TaskState::Joining { task });
                until.or(joining).unwrap_or(TaskState::Waiting)
            }
        }
    }

    /// What a task waits for, in words.
    fn waits_of(&self, entry: &Entry) -> String {
        let (before, after) = entry.waits.split();
        let before: Vec<_> = before.filter_map(|wait| self.wait_words(wait)).collect();
        let after: Vec<_> = after.filter_map(|wait| self.wait_words(wait)).collect();
        let mut text = match after.is_empty() {
            // Whatever it is, it has kept the waker and told nobody.
            true => "waiting for something else: a channel or a lock, say".to_owned(),
            false => after.join(", or "),
        };
        if !before.is_empty() {
            let more = before.join(", or ");
            text.push_str(&format!("; earlier in its last poll: {more}"));
        }
        text
    }

    /// An operation in words; `None` when it is known to be no more.
    fn wait_words(&self, wait: Wait) -> Option<String> {
        match wait {
            Wait::Sleep(at) => {
                let until = Duration::from_nanos(at);
                let armed = self.timers.is_armed(at);
                armed.then(|| format!("sleeping until {until:?}"))
            }
            Wait::Join(task) => {
                let other = self.tasks.get(&task)?;
                let what = match other.kind {
                    Kind::Blocking => ", a closure",
                    _ => "",
                };
                Some(format!("waiting for {task}{}{what}", other.label()))
            }
            Wait::Net(pending) => self.wire.pending_words(pending),
        }
    }
}
