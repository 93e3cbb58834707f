use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Network;
use super::diagram::sentence;
use super::names::Names;
use super::wire::line::Line;
use crate::TaskId;
use crate::report::view::View;

/// A message between hosts, a fault, or what a program [noted](crate::Sim::note), with its virtual time: see [`Network::log`].
///
/// Its `Display` is a line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    time: Duration,
    host: Option<Arc<str>>,
    task: Option<TaskId>,
    text: String,
    is_pinned: bool,
}

impl LogLine {
    /// When it was sent, or happened, since the start.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// The host that sent it or noted it; `None` for a fault.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The task that sent it or noted it; `None` for a fault and for what a host's system sends by itself, such as the answer to an
    /// attempt to connect.
    pub fn task(&self) -> Option<TaskId> {
        self.task
    }

    /// Tells whether it was [pinned](crate::Sim::pin).
    pub fn is_pinned(&self) -> bool {
        self.is_pinned
    }

    /// What it was: from whom to whom, what kind, when it arrives, how it begins, and which task sent it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.time, self.text)
    }
}

impl Network {
    /// The last messages between hosts, the faults and what programs [noted](crate::Sim::note) among them, at most 256, the newest
    /// last, and before them what was [pinned](crate::Sim::pin). What a host sends to itself is not among them.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let (a, b) = (sim.host("a"), sim.host("b").addr());
    /// let task = a.handle().spawn_named("sender", async move {
    ///     let socket = anyrt_sim::Ambient.udp_bind(([0, 0, 0, 0], 0).into())?;
    ///     socket.send_to(b"moin", (b, 9).into()).await
    /// });
    /// rt.block_on(task).expect("no panic")?;
    ///
    /// let log = sim.network().log();
    /// assert_eq!(log[0].host(), Some("a"));
    /// assert_eq!(log[0].task().unwrap().to_string(), "#0");
    /// assert!(log[0].text().starts_with("a -> b: datagram 4 B, arrives"));
    /// assert!(log[0].text().ends_with("\"moin\", by #0 sender"));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn log(&self) -> Vec<LogLine> {
        let shared = self.sim().shared();
        let described = shared.describe_payloads();
        let state = shared.lock();
        let names = Names {
            wire: &state.wire,
            view: &View {
                label: &|task| state.label_of(task),
                failing: None,
                described: &described,
                tasks: &[],
            },
        };
        let line = |line: &Line| {
            let (host, task, is_pinned) = match line {
                Line::Note { .. } => (None, None, false),
                Line::Event(event) => (Some(event.host), event.task, event.is_pinned),
                Line::Message(message) => (Some(message.way.0), message.by, false),
            };
            LogLine {
                time: Duration::from_nanos(line.at()),
                host: host.map(|host| names.host(host)),
                task,
                text: sentence(line, &names, usize::MAX),
                is_pinned,
            }
        };
        let record = &state.wire.record;
        let pinned: Vec<_> = record.pinned().cloned().map(Line::Event).collect();
        pinned.iter().chain(record.lines()).map(line).collect()
    }
}
