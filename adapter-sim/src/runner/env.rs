//! The environment variables of the runner. One that is empty counts as unset.

use crate::schedule::choices::Kept;

/// `ANYRT_SIM_SEED`: the one seed to run.
#[track_caller]
pub(crate) fn seed() -> Option<u64> {
    number(
        "ANYRT_SIM_SEED",
        "the seed that a report names, such as 17; unset it to run all seeds",
    )
}

/// `ANYRT_SIM_ITERS`: how many seeds to run.
#[track_caller]
pub(crate) fn iterations() -> Option<u64> {
    let wanted = "how many seeds to run, such as 1000; unset it to run as many as the test says";
    let iterations = number("ANYRT_SIM_ITERS", wanted);
    if iterations == Some(0) {
        refuse("ANYRT_SIM_ITERS", "0", wanted);
    }
    iterations
}

/// `ANYRT_SIM_THREADS`: on how many threads seeds are run.
#[track_caller]
pub(crate) fn threads() -> Option<usize> {
    let wanted = "on how many threads seeds are run, such as 1; unset it to use every processor";
    let threads = number("ANYRT_SIM_THREADS", wanted)?;
    if threads == 0 {
        refuse("ANYRT_SIM_THREADS", "0", wanted);
    }
    Some(usize::try_from(threads).unwrap_or(usize::MAX))
}

/// `ANYRT_SIM_PROCESSES`: in how many processes seeds are run.
#[track_caller]
pub(crate) fn processes() -> Option<usize> {
    let wanted = "in how many processes seeds are run, such as 4; unset it to use threads";
    let processes = number("ANYRT_SIM_PROCESSES", wanted)?;
    if processes == 0 {
        refuse("ANYRT_SIM_PROCESSES", "0", wanted);
    }
    Some(usize::try_from(processes).unwrap_or(usize::MAX))
}

/// `ANYRT_SIM_SHRINK`: how many runs a search for a shorter failing run may take.
#[track_caller]
pub(crate) fn shrink() -> Option<u64> {
    number(
        "ANYRT_SIM_SHRINK",
        "how many runs the search for a shorter failing run may take, such as 1000; unset it to search none",
    )
}

/// `ANYRT_SIM_KEEP`: the choices of the one seed that are kept.
#[track_caller]
pub(crate) fn kept() -> Option<Kept> {
    let text = value("ANYRT_SIM_KEEP")?;
    match text.parse() {
        Ok(kept) => Some(kept),
        Err(()) => refuse(
            "ANYRT_SIM_KEEP",
            &text,
            "the choices that a report names, such as f3-s12.1; unset it to make all choices of the seed",
        ),
    }
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

/// `ANYRT_SIM_PAGE`: the file for the page of a failure.
pub(crate) fn page() -> Option<String> {
    value("ANYRT_SIM_PAGE")
}

#[track_caller]
fn number(name: &str, wanted: &str) -> Option<u64> {
    let text = value(name)?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => refuse(name, &text, wanted),
    }
}

fn value(name: &str) -> Option<String> {
    let text = std::env::var_os(name)?;
    let text = text.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}

/// # Panics
///
/// Always: a typing error must not run another test than was asked for.
#[track_caller]
fn refuse(name: &str, text: &str, wanted: &str) -> ! {
    panic!("the environment variable {name} is {text:?}, and not {wanted}")
}
