use std::fmt::{self, Display, Write as _};
use std::io::{self, Write as _};
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What precedes a step on the standard output of a process that runs one case.
const MARK: &str = "\u{1}anyrt-conformance-step ";

static LAST: Mutex<Last> = Mutex::new(Last {
    step: String::new(),
    text: String::new(),
    next: String::new(),
    is_told: false,
});

#[derive(Debug)]
struct Last {
    /// What the rule itself said last.
    step: String,
    /// That, and the call that it made since then.
    text: String,
    /// Kept, so that noting steps allocates nothing after the first few.
    next: String,
    /// Whether steps are written to the standard output, for the process that waits for this one.
    is_told: bool,
}

/// Notes what the rule does next, or waits for; if the case hangs or crashes, the report says so.
///
/// [`eventually`](super::eventually) and [`yield_until`](super::yield_until) are steps of themselves. The calls that block
/// (`block_on` and `shutdown` of a started runtime, [`on_thread`](super::on_thread), [`park_on`](super::park_on)) are noted
/// with their place, behind the step. The same twice in a row is noted once.
#[track_caller]
pub fn step(what: impl Display) {
    step_at(Location::caller(), what);
}

/// As [`step`], for who was called from `place` earlier.
pub(super) fn step_at(place: &Location<'_>, what: impl Display) {
    let last = &mut *lock();
    last.next.clear();
    last.note(format_args!("{what} ({})", Shown(place)));
    last.step.clone_from(&last.text);
}

/// Notes a call that blocks.
#[track_caller]
pub(crate) fn call(what: &str) {
    let place = Shown(Location::caller());
    let last = &mut *lock();
    last.next.clone_from(&last.step);
    let then = if last.step.is_empty() { "" } else { ", then " };
    last.note(format_args!("{then}{what} ({place})"));
}

impl Last {
    /// Completes the next text by `end`, and makes it the last.
    fn note(&mut self, end: fmt::Arguments<'_>) {
        self.next.write_fmt(end).expect("a string takes any text");
        if self.text == self.next {
            return;
        }
        std::mem::swap(&mut self.text, &mut self.next);
        if self.is_told {
            let mut out = io::stdout().lock();
            // Without a reader there is nobody to tell.
            let _ = writeln!(out, "{MARK}{}", self.text).and_then(|()| out.flush());
        }
    }
}

/// A place in the code, which is printed as `path:line`, so that an editor can open it.
pub(crate) struct Shown<'a>(pub(crate) &'a Location<'a>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", typed(self.0.file()), self.0.line())
    }
}

/// The path of a file as one types it: one of the workspace begins at its root, one from a registry at the folder of its crate.
fn typed(file: &str) -> &str {
    let in_registry = file.split_once("/registry/src/");
    let path = in_registry.and_then(|(_, after)| after.split_once('/'));
    path.map_or(file, |(_, path)| path)
}

/// Forgets the steps of an earlier case, and has those to come written to the standard output if `is_told`.
pub(crate) fn begin_steps(is_told: bool) {
    let mut last = lock();
    last.step.clear();
    last.text.clear();
    last.is_told = is_told;
}

/// The last step that this process noted, as a report ends with it.
pub(crate) fn last_step() -> String {
    shown(&lock().text)
}

/// The last step in what another process wrote to its standard output, as a report ends with it.
pub(crate) fn told_step(output: &str) -> String {
    let rest = output.rsplit_once(MARK).map(|(_, rest)| rest);
    shown(rest.and_then(|it| it.lines().next()).unwrap_or_default())
}

fn shown(step: &str) -> String {
    match step {
        "" => String::new(),
        _ => format!("; last step: {step}"),
    }
}

fn lock() -> MutexGuard<'static, Last> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_found_among_other_output() {
        let output = format!("{MARK}one (a.rs:1)\nnoise {MARK}two (b.rs:2)\nmore noise\n");
        assert_eq!(told_step(&output), "; last step: two (b.rs:2)");
        assert_eq!(told_step("only noise\n"), "");
    }
}
