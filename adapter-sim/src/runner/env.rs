//! The environment variables of the runner. One that is empty counts as unset.
//!
//! All are read and checked before a test begins: a typing error must not run another test than was asked for, nor come to light only
//! when that has failed. So a name that begins as theirs and is none of them is refused, too.

use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use crate::runner::spelling;
use crate::schedule::choices::Kept;

/// What all names begin with.
const PREFIX: &str = "ANYRT_SIM_";

const SEED: &str = "ANYRT_SIM_SEED";
const ITERS: &str = "ANYRT_SIM_ITERS";
const THREADS: &str = "ANYRT_SIM_THREADS";
const PROCESSES: &str = "ANYRT_SIM_PROCESSES";
const SHRINK: &str = "ANYRT_SIM_SHRINK";
const KEEP: &str = "ANYRT_SIM_KEEP";
const PAGE: &str = "ANYRT_SIM_PAGE";
const TRACE: &str = "ANYRT_SIM_TRACE";
/// Which seeds a process runs that another one has started: see [`processes`](crate::runner::processes).
pub(crate) const PART: &str = "ANYRT_SIM_PART";

/// Those that a person sets.
const NAMES: [&str; 8] = [SEED, ITERS, THREADS, PROCESSES, SHRINK, KEEP, PAGE, TRACE];

/// What the environment says.
pub(crate) struct Variables {
    /// The one seed to run.
    pub(crate) seed: Option<u64>,
    /// How many seeds to run.
    pub(crate) iterations: Option<u64>,
    /// On how many threads seeds are run.
    pub(crate) threads: Option<usize>,
    /// In how many processes seeds are run.
    pub(crate) processes: Option<usize>,
    /// How many runs a search for a shorter failing run may take.
    pub(crate) shrink: Option<u64>,
    /// The choices of the one seed that are kept.
    pub(crate) kept: Option<Kept>,
    /// The file for the page of a failure.
    pub(crate) page: Option<String>,
    /// The part of another process's seeds that this one runs.
    pub(crate) part: Option<Part>,
}

/// Which call of `Check::run` on its thread, the seeds, and the place of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) call: u64,
    pub(crate) seeds: Range<u64>,
    pub(crate) location: String,
}

impl Variables {
    /// Reads all of them.
    ///
    /// # Panics
    ///
    /// When one has a value that is not permitted, with its name, the value and those that are. When one is set that begins as they do and
    /// is none of them, with the name that is likely meant.
    #[track_caller]
    pub(crate) fn read() -> Self {
        refuse_unknown();
        trace();
        Self {
            seed: parsed(
                SEED,
                "the seed that a report names, such as 17; unset it to run all seeds",
            ),
            iterations: positive(
                ITERS,
                "how many seeds to run, such as 1000; unset it to run as many as the test says",
            ),
            threads: count(
                THREADS,
                "on how many threads seeds are run, such as 1; unset it to use every processor",
            ),
            processes: count(
                PROCESSES,
                "in how many processes seeds are run, such as 4; unset it to use threads",
            ),
            shrink: parsed(
                SHRINK,
                "how many runs the search for a shorter failing run may take, such as 1000; unset it to search none",
            ),
            kept: parsed(
                KEEP,
                "the choices that a report names, such as f3-s12.1; unset it to make all choices of the seed",
            ),
            page: page(),
            part: parsed(
                PART,
                "what a check gives to the processes that it starts; unset it",
            ),
        }
    }
}

/// # Panics
///
/// When a variable is set that begins as these do and is none of them.
#[track_caller]
fn refuse_unknown() {
    for (name, value) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let is_known = name == PART || NAMES.contains(&&*name);
        if is_known || value.is_empty() || !name.starts_with(PREFIX) {
            continue;
        }
        match spelling::nearest(&name, &NAMES) {
            Some(meant) => panic!("there is no environment variable {name}: did you mean {meant}?"),
            None => panic!(
                "there is no environment variable {name}; those of the simulation are {}",
                NAMES.join(", ")
            ),
        }
    }
}

/// `ANYRT_SIM_SEED` alone, for a runtime that a test launches.
#[track_caller]
pub(crate) fn seed() -> Option<u64> {
    Variables::read().seed
}

/// `ANYRT_SIM_TRACE`: whether to keep a backtrace of each task's last wake-up.
#[track_caller]
pub(crate) fn trace() -> bool {
    match value(TRACE).as_deref() {
        None | Some("0") => false,
        Some("1") => true,
        Some(other) => refuse(TRACE, other, "1 for backtraces, or 0 for none"),
    }
}

/// `ANYRT_SIM_PAGE`, whose folder has to be there.
#[track_caller]
fn page() -> Option<String> {
    let file = value(PAGE)?;
    let path = Path::new(&file);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() || !folder.is_dir() {
        let wanted = "a file in a folder that is there, such as run.html; unset it to write none";
        refuse(PAGE, &file, wanted);
    }
    Some(file)
}

#[track_caller]
fn parsed<T: FromStr>(name: &str, wanted: &str) -> Option<T> {
    let text = value(name)?;
    match text.parse() {
        Ok(value) => Some(value),
        Err(_) => refuse(name, &text, wanted),
    }
}

#[track_caller]
fn positive(name: &str, wanted: &str) -> Option<u64> {
    let number = parsed(name, wanted);
    if number == Some(0) {
        refuse(name, "0", wanted);
    }
    number
}

#[track_caller]
fn count(name: &str, wanted: &str) -> Option<usize> {
    let number = positive(name, wanted)?;
    Some(usize::try_from(number).unwrap_or(usize::MAX))
}

fn value(name: &str) -> Option<String> {
    let text = std::env::var_os(name)?;
    let text = text.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}

/// # Panics
///
/// Always.
#[track_caller]
fn refuse(name: &str, text: &str, wanted: &str) -> ! {
    panic!("the environment variable {name} is {text:?}, and not {wanted}")
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            call,
            seeds,
            location,
        } = self;
        write!(f, "{call} {} {} {location}", seeds.start, seeds.end)
    }
}

impl FromStr for Part {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.splitn(4, ' ');
        let mut number = || words.next()?.parse::<u64>().ok();
        let (call, first, end) = (number(), number(), number());
        Ok(Self {
            call: call.ok_or(())?,
            seeds: first.ok_or(())?..end.ok_or(())?,
            location: words.next().ok_or(())?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let part = Part {
            call: 3,
            seeds: 5..9,
            location: "tests/a file.rs:1:2".to_owned(),
        };
        assert_eq!(part.to_string().parse(), Ok(part));
        for text in ["", "1 2 3", "1 2 x place", "a b c d"] {
            assert_eq!(text.parse::<Part>(), Err(()), "{text}");
        }
    }
}
