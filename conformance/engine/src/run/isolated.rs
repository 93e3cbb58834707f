//! A case in a process of its own.

use std::env;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::panics;
use crate::Suite;
use crate::case::{Case, Verdict};
use crate::kit::{Patience, SCALE_VARIABLE, begin_steps, note_threads, scale, told_step};

/// The environment variable by which this program learns that it is to run one case and nothing else.
pub const CASE_VARIABLE: &str = "ANYRT_CONFORMANCE_CASE";

/// The environment variable that says how often a process runs its case: once unless set, or until it fails.
///
/// It is for soaks: starting a process costs more than most cases. The limit is the process's, so it must allow for all runs.
const REPEAT_VARIABLE: &str = "ANYRT_CONFORMANCE_REPEAT";

/// What precedes the verdict on the standard output of the process, whatever else a rule may have written.
const MARK: &str = "\u{1}anyrt-conformance-verdict ";

/// How many of its last bytes on the standard error are quoted of a process that died or hung.
const LAST_WORDS: usize = 600;

/// Runs a case in a process of its own, and kills it after `limit`.
pub(super) fn run(case: &Case, limit: Duration) -> Verdict {
    let job = format!("{}\t{}", case.backend.key(), case.rule.id());
    run_job(CASE_VARIABLE, &job, limit)
}

/// Runs this program again, with `job` in the environment `variable`, and kills it after `limit`.
pub fn run_job(variable: &str, job: &str, limit: Duration) -> Verdict {
    let child = start(variable, job);
    let mut child = child.map_err(|error| format!("could not start a process: {error}"))?;
    let words = read(child.stderr.take());
    // The pipe closes when the process is gone, so reading it to its end is waiting for that.
    let report = read(child.stdout.take());
    let patience = Patience::of_process(child.id(), limit);
    let mut said = report.recv_timeout(patience.until_the_next_look());
    while let (Err(RecvTimeoutError::Timeout), false) = (&said, patience.is_over()) {
        said = report.recv_timeout(patience.until_the_next_look());
    }
    match said {
        Ok(report) => match child.wait() {
            Ok(status) => verdict(&report, status, &last(&words)),
            Err(error) => Err(format!("its process is lost: {error}")),
        },
        Err(_) => {
            // It may have ended just now, and then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
            let said = report
                .recv_timeout(Duration::from_secs(1))
                .unwrap_or_default();
            let (when, step) = if said.contains(MARK) {
                ("it had ended, but its process did not", String::new())
            } else {
                ("no result", told_step(&said))
            };
            Err(format!(
                "hung: {when} after {limit:?}{step}{}",
                last(&words)
            ))
        }
    }
}

fn start(variable: &str, job: &str) -> std::io::Result<Child> {
    Command::new(env::current_exe()?)
        .env(variable, job)
        // Backtraces of panics that rules cause on purpose cost more than the rules.
        .env("RUST_BACKTRACE", "0")
        .env(SCALE_VARIABLE, scale().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn read(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What could be read counts, also when the pipe breaks.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // Nobody listens any more if the case was given up.
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// The end of what the process wrote to its standard error.
fn last(words: &mpsc::Receiver<String>) -> String {
    let words = words
        .recv_timeout(Duration::from_secs(1))
        .unwrap_or_default();
    let lines = words.lines().map(str::trim).filter(|it| !is_backtrace(it));
    let words = lines.collect::<Vec<_>>().join("\n");
    let start = words.len().saturating_sub(LAST_WORDS);
    let start = (start..words.len()).find(|&at| words.is_char_boundary(at));
    match start {
        Some(start) => format!("; last words: {}", &words[start..]),
        None => String::new(),
    }
}

/// A process that aborts prints a backtrace whatever it was told; the message is what tells.
fn is_backtrace(line: &str) -> bool {
    let frame = line
        .split_once(": ")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    frame
        || line.is_empty()
        || ["at ", "stack backtrace:", "note: "]
            .iter()
            .any(|it| line.starts_with(it))
}

fn verdict(report: &str, status: ExitStatus, last_words: &str) -> Verdict {
    let sent = report.rsplit_once(MARK).map(|(_, rest)| rest);
    // A thread that runs on may tell a step after the verdict.
    let line = sent.and_then(|rest| rest.lines().next());
    let sent: Option<Verdict> = line.and_then(|json| serde_json::from_str(json).ok());
    match (sent, status.success()) {
        (Some(verdict), true) => verdict,
        (Some(Err(failure)), false) => Err(format!("{failure}; then {}", died(status))),
        (Some(Ok(_)), false) => Err(format!("it had held, then {}{last_words}", died(status))),
        (None, true) => Err(format!("its process ended without a verdict{last_words}")),
        (None, false) => {
            let step = told_step(report);
            Err(format!("{}{step}{last_words}", died(status)))
        }
    }
}

fn died(status: ExitStatus) -> String {
    format!("crashed: its process died ({status})")
}

/// Runs the one case that the environment asks for, if it does; then the program must end with the code returned.
///
/// A `main` that starts cases in processes of their own begins with this.
pub fn child(suite: &Suite) -> Option<ExitCode> {
    let find_backend = |key: &str| suite.backend(key);
    let children = suite.specifications.iter().filter_map(|it| it.child);
    for child in children {
        if let Some(verdict) = child(&find_backend) {
            return Some(report(&verdict));
        }
    }
    let case = env::var(CASE_VARIABLE).ok()?;
    let verdict = match find(suite, &case) {
        Some(case) => {
            let times = env::var(REPEAT_VARIABLE).ok();
            let times = times.and_then(|it| it.parse().ok()).unwrap_or(1);
            note_threads();
            repeat(&case, times)
        }
        None => Err(format!("this program has no case {case:?}")),
    };
    Some(report(&verdict))
}

/// Runs the case so often, or until it fails.
fn repeat(case: &Case, times: usize) -> Verdict {
    let mut verdict = Ok(None);
    for run in 0..times.max(1) {
        begin_steps(true);
        verdict = panics::run(case);
        if let (Err(failure), 2..) = (&verdict, times) {
            return Err(format!("run {run} of {times}: {failure}"));
        }
    }
    verdict
}

/// Tells the verdict to the program that waits for it.
fn report(verdict: &Verdict) -> ExitCode {
    let json = serde_json::to_string(verdict).expect("texts are valid JSON");
    let mut out = std::io::stdout().lock();
    // Without a reader there is nobody to tell.
    let _ = writeln!(out, "\n{MARK}{json}").and_then(|()| out.flush());
    ExitCode::SUCCESS
}

fn find(suite: &Suite, case: &str) -> Option<Case> {
    let (backend, rule) = case.split_once('\t')?;
    Some(Case {
        backend: suite.backend(backend)?,
        rule: suite.rule(rule)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_step_that_is_told_after_the_verdict_changes_nothing() {
        let json = serde_json::to_string(&Verdict::Ok(None)).expect("texts are valid JSON");
        let report = format!("a step\n\n{MARK}{json}\n\u{1}a step of a thread that runs on\n");
        assert_eq!(verdict(&report, ExitStatus::default(), ""), Ok(None));
        assert!(verdict("a step\n", ExitStatus::default(), "").is_err());
    }
}
