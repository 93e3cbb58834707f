use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use async_channel::{Receiver, Sender, TrySendError};

use super::{Bye, SlowReader};

/// How many bytes are written at once, about.
const CHUNK: usize = 4096;

/// Where the lines for one user wait. Bounded: a user who does not read costs no more than this.
#[derive(Clone, Debug)]
pub struct Outbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    lines: Sender<Arc<str>>,
    missed: AtomicUsize,
    bye: OnceLock<Bye>,
}

/// The other end of an [`Outbox`], for the task that writes.
#[derive(Debug)]
pub struct Inbox {
    lines: Receiver<Arc<str>>,
    shared: Arc<Shared>,
}

impl Outbox {
    pub(super) fn new(capacity: usize) -> (Self, Inbox) {
        let (sender, lines) = async_channel::bounded(capacity.max(1));
        let shared = Arc::new(Shared {
            lines: sender,
            missed: AtomicUsize::new(0),
            bye: OnceLock::new(),
        });
        (Self(shared.clone()), Inbox { lines, shared })
    }

    /// Puts a line in. `false` when the speaker has to wait for room.
    pub(super) fn offer(&self, line: &Arc<str>, slow_reader: SlowReader) -> bool {
        match (self.0.lines.try_send(line.clone()), slow_reader) {
            (Err(TrySendError::Full(_)), SlowReader::Wait) => false,
            (Err(TrySendError::Full(_)), SlowReader::Skip) => {
                self.0.missed.fetch_add(1, Ordering::Relaxed);
                true
            }
            // Who is gone misses nothing.
            (Ok(()) | Err(TrySendError::Closed(_)), _) => true,
        }
    }

    /// Puts a line in, and waits for room.
    pub async fn put(&self, line: Arc<str>) {
        self.0.lines.send(line).await.ok();
    }

    /// Ends the conversation behind what waits already. The first reason counts.
    pub fn end(&self, bye: Bye) {
        let _ = self.0.bye.set(bye);
        self.0.lines.close();
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Inbox {
    /// Waits for lines and puts those that are there into `text`. `false` when the last one is among them.
    pub async fn next_lines(&self, text: &mut String) -> bool {
        let mut line = self.lines.recv().await.ok();
        let missed = self.shared.missed.swap(0, Ordering::Relaxed);
        if missed > 0 {
            writeln!(text, "missed {missed}").expect("a string takes any text");
        }
        while let Some(next) = line {
            text.push_str(&next);
            if text.len() >= CHUNK {
                return true;
            }
            line = self.lines.try_recv().ok();
        }
        let has_ended = self.lines.is_closed() && self.lines.is_empty();
        if let (true, Some(bye)) = (has_ended, self.shared.bye.get()) {
            writeln!(text, "bye {bye}").expect("a string takes any text");
        }
        !has_ended
    }
}
