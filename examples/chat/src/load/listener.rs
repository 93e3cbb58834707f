use std::io;
use std::time::Duration;

use anyrt_core::{Instant, Timer};
use anyrt_net::AsyncRead;
use futures::io::AsyncReadExt;

use super::Latency;
use crate::hall::Lines;

/// What one user heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Lines that came as they should: whole, once, and in the order in which each speaker said them.
    pub lines: usize,
    /// Lines that did not.
    pub wrong: usize,
    /// The server said `bye` because it ends, and closed the connection.
    pub bye: bool,
}

/// One user's ear: what it reads, and what it expects.
pub(super) struct Listener<T> {
    pub(super) timer: T,
    pub(super) start: Instant,
    /// The first user of the room, and how many lines each of its users said.
    pub(super) first: usize,
    pub(super) next: Vec<usize>,
    pub(super) heard: Heard,
}

impl<T: Timer> Listener<T> {
    /// Reads until the end, and drops `expecting` when `expected` lines were there.
    pub(super) async fn run<G>(
        mut self,
        mut reader: impl AsyncRead + Unpin,
        mut lines: Lines,
        latency: impl AsRef<Latency>,
        expected: usize,
        expecting: G,
    ) -> Heard {
        let mut expecting = Some(expecting);
        loop {
            while let Ok(Some(line)) = lines.next_line() {
                self.hear(line, latency.as_ref());
                if self.heard.lines == expected {
                    expecting = None;
                }
            }
            match reader.read(lines.space()).await {
                Ok(0) => break,
                Ok(bytes) => lines.filled(bytes),
                Err(_) => {
                    self.heard.bye = false;
                    break;
                }
            }
        }
        drop(expecting);
        self.heard
    }

    fn hear(&mut self, line: &str, latency: &Latency) {
        if line == "bye the server ends" {
            self.heard.bye = true;
        } else if self.is_next(line, latency).is_some() {
            self.heard.lines += 1;
        } else {
            self.heard.wrong += 1;
        }
    }

    /// Takes `said NUMBER USER TURN NANOSECONDS …` apart.
    fn is_next(&mut self, line: &str, latency: &Latency) -> Option<()> {
        let mut words = line.strip_prefix("said ")?.split(' ').skip(1);
        let mut number = || words.next()?.parse::<u64>().ok();
        let (user, turn, said) = (number()? as usize, number()? as usize, number()?);
        let next = self.next.get_mut(user.checked_sub(self.first)?)?;
        if turn != *next {
            return None;
        }
        *next += 1;
        let now = self.timer.now().duration_since(self.start);
        latency.record(now.saturating_sub(Duration::from_nanos(said)));
        Some(())
    }
}

/// Reads one line that has to come.
pub(super) async fn one_line(
    reader: &mut (impl AsyncRead + Unpin),
    lines: &mut Lines,
) -> io::Result<String> {
    loop {
        if let Some(line) = lines.next_line()? {
            return Ok(line.to_owned());
        }
        match reader.read(lines.space()).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            bytes => lines.filled(bytes),
        }
    }
}
