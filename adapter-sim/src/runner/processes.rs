//! Seeds in processes of their own: the program that runs runs itself again, each time for some of the seeds.
//!
//! A child is told by a variable which call of `Check::run` is meant and which seeds it is to run. It runs the same test, lets every
//! call before that one pass at once, runs its seeds at that one, says on standard error how each ended, and exits. So statics are shared by
//! the seeds of one child and by no others, and a seed that ends its process is named.

use std::cell::Cell;
use std::collections::VecDeque;
use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::ops::Range;
use std::panic::Location;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::runner::env::{PART, Part};
use crate::runner::search::{Elsewhere, Search};
use crate::runner::seed::Ran;

/// Begins each line that is meant for the parent.
const MARK: &str = "anyrt-sim-part ";

/// How many lines of a child that dies are shown.
const LAST_LINES: usize = 20;

/// How many parts each process gets, so that none waits long for another at the end.
const PARTS: u64 = 4;

/// Which call of `Check::run` on this thread this is.
pub(crate) fn next_call() -> u64 {
    thread_local! {
        static CALLS: Cell<u64> = const { Cell::new(0) };
    }
    CALLS.with(|calls| calls.replace(calls.get() + 1))
}

/// What a call of `Check::run` is in this process.
pub(crate) enum Role {
    /// Nobody's child.
    Parent,
    /// It runs these seeds, and exits.
    Child(Range<u64>),
    /// Another call of a child's test.
    Other,
}

pub(crate) fn role(part: Option<&Part>, call: u64, location: &Location<'_>) -> Role {
    match part {
        None => Role::Parent,
        Some(part) if part.call == call && part.location == location.to_string() => {
            Role::Child(part.seeds.clone())
        }
        Some(_) => Role::Other,
    }
}

/// Runs the seeds of a child, up to the first that fails, and ends the process.
pub(crate) fn work(seeds: Range<u64>, run: impl Fn(u64) -> Ran) -> ! {
    let say = |line: &str| {
        // Past the test harness. A parent that is gone needs nothing more.
        let _ = writeln!(io::stderr(), "{MARK}{line}");
    };
    for seed in seeds {
        say(&format!("start {seed}"));
        // Where the output of this seed begins. The harness may have left a line unfinished.
        let _ = writeln!(io::stdout(), "\n{MARK}start");
        let Ran {
            steps,
            virtual_nanos,
            course,
            order,
            failure,
            ..
        } = run(seed);
        match failure {
            None => say(&format!(
                "pass {seed} {steps} {virtual_nanos} {course} {order}"
            )),
            Some(failure) => {
                let text = escaped(&failure.to_string());
                say(&format!("fail {seed} {course} {text}"));
                break;
            }
        }
    }
    say("done");
    std::process::exit(0)
}

/// A text on one line.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' if letters.next() == Some('n') => '\n',
            letter => letter,
        });
    }
    text
}

/// Runs the seeds of a search in `processes` processes at a time.
///
/// # Errors
///
/// When a process cannot be started, or does not run the call that is meant.
pub(crate) fn search(
    search: &Search,
    processes: usize,
    call: u64,
    location: &Location<'_>,
) -> io::Result<()> {
    let program = env::current_exe()?;
    let arguments = arguments();
    let count = search.seeds.end - search.seeds.start;
    let size = (count / (processes as u64 * PARTS)).clamp(1, 256);
    let next = AtomicU64::new(search.seeds.start);
    let work = || -> io::Result<()> {
        loop {
            let first = next.fetch_add(size, Ordering::Relaxed);
            if first >= search.seeds.end || first >= search.lowest() {
                return Ok(());
            }
            let seeds = first..search.seeds.end.min(first.saturating_add(size));
            let mut child = Command::new(&program);
            child.args(&arguments);
            let part = Part {
                call,
                seeds: seeds.clone(),
                location: location.to_string(),
            };
            child.env(PART, part.to_string());
            follow(search, seeds, child)?;
        }
    };
    thread::scope(|scope| {
        let helpers: Vec<_> = (1..processes).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let theirs = helpers.into_iter().map(|helper| match helper.join() {
            Ok(result) => result,
            Err(payload) => std::panic::resume_unwind(payload),
        });
        theirs.fold(mine, Result::and)
    })
}

/// What a child is to be started with: its test alone, where this is a program of tests, or else what this process has.
fn arguments() -> Vec<String> {
    match thread::current().name() {
        Some("main") | None => env::args().skip(1).collect(),
        Some(test) => ["--exact", test, "--nocapture", "--include-ignored"]
            .map(str::to_owned)
            .into(),
    }
}

/// Runs a child and counts what it says.
fn follow(search: &Search, seeds: Range<u64>, mut child: Command) -> io::Result<()> {
    let mut child = child
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Read by a thread of its own: a child whose pipe is full would wait.
    let printed = child
        .stdout
        .take()
        .map(|stdout| thread::spawn(|| last_printed(stdout)));
    let (mut started, mut is_done, mut failed) = (None, false, None);
    let mut last_lines = VecDeque::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            let Some(line) = line.strip_prefix(MARK) else {
                keep(&mut last_lines, line.into_owned());
                continue;
            };
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "start" => started = rest.parse::<u64>().ok(),
                "pass" => {
                    let mut numbers = rest.split(' ').filter_map(|word| word.parse().ok());
                    let mut number = || numbers.next().unwrap_or_default();
                    search.count_passed(number(), number(), number(), number(), number());
                }
                "fail" => {
                    let mut words = rest.splitn(3, ' ');
                    let mut word = || words.next().unwrap_or_default();
                    let (seed, course, text) = (word(), word(), word());
                    let text = unescaped(text);
                    let seed = seed.parse().unwrap_or(seeds.start);
                    failed = Some((seed, course.parse().unwrap_or_default(), text));
                }
                _ => is_done = true,
            }
        }
    }
    let status = child.wait()?;
    let printed = printed.and_then(|reader| reader.join().ok());
    let printed = match printed.as_deref() {
        None | Some("") => String::new(),
        Some(lines) => format!("\nwhat it printed last:\n{lines}"),
    };
    if let Some((seed, course, text)) = failed {
        let text = format!("{}{printed}", text.trim_end());
        search.failed_elsewhere(seed, Elsewhere::Failed { course, text });
    }
    match (started, is_done) {
        (_, true) => Ok(()),
        (Some(seed), false) => {
            let lines: Vec<_> = last_lines.into();
            let text = format!(
                "ended its process ({status}); what that said last:\n{}{printed}",
                lines.join("\n")
            );
            search.failed_elsewhere(seed, Elsewhere::Died(text));
            Ok(())
        }
        (None, false) => Err(io::Error::other(format!(
            "the process for seeds {} to {} did not come to this check ({status}): a test is run again by its name, and another \
             program with its arguments",
            seeds.start, seeds.end
        ))),
    }
}

fn keep(lines: &mut VecDeque<String>, line: String) {
    if lines.len() == LAST_LINES {
        lines.pop_front();
    }
    lines.push_back(line);
}

/// The last lines that a child prints for the seed that it runs last.
fn last_printed(stdout: impl io::Read) -> String {
    let mut lines = VecDeque::new();
    for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        match line.starts_with(MARK) {
            true => lines.clear(),
            false => keep(&mut lines, line.into_owned()),
        }
    }
    let lines: Vec<_> = lines.into();
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_was_written() {
        for text in ["", "one", "two\nlines\n", "a \\ and a \\n", "\\\n\\"] {
            assert!(!escaped(text).contains('\n'));
            assert_eq!(unescaped(&escaped(text)), text);
        }
    }
}
