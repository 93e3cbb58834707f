use std::fmt::Display;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use anyrt_core::yield_now;

use super::step::{Shown, step_at};
use super::{Patience, pause};

/// How long something may take that has to happen soon, on a machine that has a processor for it.
const SOON: Duration = Duration::from_secs(10);

/// Waits, on a thread, until `seen` is true.
///
/// # Panics
///
/// When it is not true within ten seconds, as [`Patience`] counts them; `what` says what was waited for.
#[track_caller]
pub fn eventually(what: &str, seen: impl Fn() -> bool) {
    let mut waiting = Waiting::new(what);
    while !seen() {
        waiting.go_on();
        pause(Duration::from_millis(1));
    }
    waiting.end();
}

/// Yields, in a task, until `seen` is true.
///
/// # Panics
///
/// As [`eventually`].
#[track_caller]
pub fn yield_until<'a, F: Fn() -> bool>(
    what: &'a str,
    seen: F,
) -> impl Future<Output = ()> + use<'a, F> {
    let mut waiting = Waiting::new(what);
    async move {
        while !seen() {
            waiting.go_on();
            yield_now().await;
        }
        waiting.end();
    }
}

struct Waiting<'a> {
    what: &'a str,
    place: &'static Location<'static>,
    /// When it was first seen that there is something to wait for.
    since: Option<Patience>,
}

impl<'a> Waiting<'a> {
    #[track_caller]
    fn new(what: &'a str) -> Self {
        Self {
            what,
            place: Location::caller(),
            since: None,
        }
    }

    fn note(&self, does: impl Display) {
        step_at(self.place, format_args!("{does}: {}", self.what));
    }

    fn go_on(&mut self) {
        match &self.since {
            None => {
                self.since = Some(Patience::new(SOON));
                self.note("waiting");
            }
            Some(patience) => {
                let (what, place) = (self.what, Shown(self.place));
                assert!(!patience.is_over(), "not within {SOON:?}: {what} ({place})");
            }
        }
    }

    fn end(self) {
        if self.since.is_some() {
            self.note("no longer waiting");
        }
    }
}
