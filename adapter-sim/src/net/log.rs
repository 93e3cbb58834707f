use std::fmt;
use std::time::Duration;

use super::Network;
use super::diagram::list;

/// A message between hosts, or a fault, with its virtual time: see [`Network::log`].
///
/// Its `Display` is a line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    time: Duration,
    text: String,
}

impl LogLine {
    /// When it was sent, or happened, since the start.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// What it was: from whom to whom, what kind, how it begins and when it arrives.
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
    /// The last messages between hosts and the faults among them, at most 256, the newest last. What a host sends to itself is
    /// not among them.
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
    /// let sender = sim.host("a").handle().udp_bind(([0, 0, 0, 0], 0).into())?;
    /// rt.block_on(sender.send_to(b"moin", (sim.host("b").addr(), 9).into()))?;
    /// let log = sim.network().log();
    /// assert!(log[0].text().starts_with("a -> b: datagram 4 B \"moin\""));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn log(&self) -> Vec<LogLine> {
        let state = self.sim().shared().lock();
        let lines = list(state.wire.record.lines(), &|host| {
            state.wire.host_name(host)
        });
        let line = |(at, text)| LogLine {
            time: Duration::from_nanos(at),
            text,
        };
        lines.into_iter().map(line).collect()
    }
}
