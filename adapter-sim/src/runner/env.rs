//! The environment variables of the runner. One that is empty counts as unset.
//!
//! All are read and checked before a test begins: a typing error must not run another test than was asked for, nor come to light only
//! when that has failed.

use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use crate::schedule::choices::Kept;

/// Which seeds a process runs that another one has started: see [`processes`](crate::runner::processes).
pub(crate) const PART: &str = "ANYRT_SIM_PART";

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
    /// When one has a value that is not permitted, with its name, the value and those that are.
    #[track_caller]
    pub(crate) fn read() -> Self {
        trace();
        Self {
            seed: parsed(
                "ANYRT_SIM_SEED",
                "the seed that a report names, such as 17; unset it to run all seeds",
            ),
            iterations: positive(
                "ANYRT_SIM_ITERS",
                "how many seeds to run, such as 1000; unset it to run as many as the test says",
            ),
            threads: count(
                "ANYRT_SIM_THREADS",
                "on how many threads seeds are run, such as 1; unset it to use every processor",
            ),
            processes: count(
                "ANYRT_SIM_PROCESSES",
                "in how many processes seeds are run, such as 4; unset it to use threads",
            ),
            shrink: parsed(
                "ANYRT_SIM_SHRINK",
                "how many runs the search for a shorter failing run may take, such as 1000; unset it to search none",
            ),
            kept: parsed(
                "ANYRT_SIM_KEEP",
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

/// `ANYRT_SIM_SEED` alone, for a runtime that a test launches.
#[track_caller]
pub(crate) fn seed() -> Option<u64> {
    Variables::read().seed
}

/// `ANYRT_SIM_TRACE`: whether to keep a backtrace of each task's last wake-up.
#[track_caller]
pub(crate) fn trace() -> bool {
    match value("ANYRT_SIM_TRACE").as_deref() {
        None | Some("0") => false,
        Some("1") => true,
        Some(other) => refuse("ANYRT_SIM_TRACE", other, "1 for backtraces, or 0 for none"),
    }
}

/// `ANYRT_SIM_PAGE`, whose folder has to be there.
#[track_caller]
fn page() -> Option<String> {
    let file = value("ANYRT_SIM_PAGE")?;
    let path = Path::new(&file);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() || !folder.is_dir() {
        let wanted = "a file in a folder that is there, such as run.html; unset it to write none";
        refuse("ANYRT_SIM_PAGE", &file, wanted);
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
