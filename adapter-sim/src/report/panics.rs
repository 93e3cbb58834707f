//! The panics of a run: kept for its report, which prints each once, where the panic hook would print it at every run of the seed.
//!
//! The hook is the process's, and set once, by the first check. It passes on every panic but those of a thread that runs a seed.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::time::Duration;

use crate::TaskId;
use crate::context;
use crate::report::label::Label;

/// How many panics of a run are kept; the first ones, because those after them are often their consequences.
const KEPT: usize = 16;

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
    /// A panic that nobody is known to have caught yet.
    static UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

/// The run of a seed on this thread.
#[derive(Default)]
struct Run {
    panics: Vec<Panicked>,
    place: Option<String>,
    /// Hands panics to the hook before this one as well, which prints a backtrace.
    with_backtrace: bool,
}

/// A panic, and when and where it happened.
#[derive(Clone, Debug)]
pub(crate) struct Panicked {
    place: String,
    message: String,
    task: Option<(TaskId, Label)>,
    time: Option<Duration>,
}

impl Panicked {
    /// Tells whether `message` is about this panic.
    pub(crate) fn is_told_by(&self, message: &str) -> bool {
        message.contains(&format!("panicked at {}: {}", self.place, self.message))
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((task, label)) = &self.task {
            write!(f, "task {task}{label} ")?;
        }
        write!(f, "panicked")?;
        if let Some(time) = self.time {
            write!(f, " after {time:?}")?;
        }
        write!(f, " at {}: {}", self.place, self.message)
    }
}

/// Runs a seed and keeps its panics.
pub(crate) fn keep<T>(with_backtrace: bool, run: impl FnOnce() -> T) -> (T, Vec<Panicked>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !note(info) {
                before(info);
            }
        }));
    });
    struct Restore(Option<Run>);
    impl Drop for Restore {
        fn drop(&mut self) {
            RUN.replace(self.0.take());
        }
    }
    let outer = RUN.replace(Some(Run {
        with_backtrace: with_backtrace && wants_backtrace(),
        ..Run::default()
    }));
    let _restore = Restore(outer);
    let result = run();
    let run = RUN.take().unwrap_or_default();
    (result, run.panics)
}

fn wants_backtrace() -> bool {
    std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0" && !value.is_empty())
}

/// Keeps a panic; tells whether nobody else is to hear of it.
fn note(info: &PanicHookInfo<'_>) -> bool {
    let known = RUN.try_with(|run| {
        let mut run = run.try_borrow_mut().ok()?;
        let run = run.as_mut()?;
        let place = info.location().map(ToString::to_string);
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        // A second one before the first was caught may be the end of the process, which keeps no report.
        let is_second = UNDER_WAY.replace(true);
        if is_second {
            if let Some(first) = run.panics.last() {
                eprintln!("anyrt-sim: before the next panic, {first}");
            }
        }
        let (task, time) = context::running().unzip();
        if run.panics.len() < KEPT {
            run.panics.push(Panicked {
                place: place.clone(),
                message: message(info.payload()),
                task,
                time,
            });
        }
        run.place = Some(place);
        Some(!is_second && !run.with_backtrace)
    });
    known.ok().flatten().unwrap_or(false)
}

/// The words of a caught panic, after "panicked": where, as far as that is known, and its text.
pub(crate) fn caught(payload: &(dyn Any + Send)) -> String {
    let place = RUN.try_with(|run| run.try_borrow_mut().ok()?.as_mut()?.place.take());
    let _ = UNDER_WAY.try_with(|it| it.set(false));
    let message = message(payload);
    match place.ok().flatten() {
        Some(place) => format!(" at {place}: {message}"),
        None => format!(": {message}"),
    }
}

/// The text of a panic, where it is text.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("with a payload that is not text")
        .to_owned()
}
