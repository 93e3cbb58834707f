//! Real libraries on every backend, interrupted by the end of their runtime while they are at work.
//!
//! `libraries [--runs N] [--patience SECONDS] [WORD…]` runs every cell whose `library/backend` contains one of the words. A run
//! that takes longer than the patience hangs: it is named, left behind, and the next one begins.

mod backends;
mod libraries;
mod load;
mod spawner;

use std::collections::BTreeMap;
use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use backends::{Cell, Fault, Step, cells};

/// openraft's suite starts and drops at least so many runtimes by itself.
const RUNTIMES_PER_SUITE: usize = 3;

/// After so many a cell is given up.
const TOO_MANY_HANGS: usize = 20;

struct Options {
    runs: usize,
    patience: Duration,
    words: Vec<String>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        runs: number(
            "ANYRT_LIBRARIES_RUNS",
            env::var("ANYRT_LIBRARIES_RUNS").ok(),
        )?
        .unwrap_or(25),
        patience: Duration::from_secs(30),
        words: Vec::new(),
    };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || number(&argument, Some(arguments.next().unwrap_or_default()));
        match argument.as_str() {
            "--runs" => options.runs = value()?.unwrap_or_default(),
            "--patience" => {
                options.patience = Duration::from_secs(value()?.unwrap_or_default() as u64)
            }
            word if word.starts_with('-') => {
                return Err(format!(
                    "unknown option `{word}`: `--runs` and `--patience` are known"
                ));
            }
            word => options.words.push(word.to_owned()),
        }
    }
    Ok(options)
}

fn number(name: &str, value: Option<String>) -> Result<Option<usize>, String> {
    match value {
        Some(value) => match value.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("`{name}` wants a number, not `{value}`")),
        },
        None => Ok(None),
    }
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("libraries: {error}");
            return ExitCode::from(2);
        }
    };
    let begun = Instant::now();
    let mut libraries = BTreeMap::<_, Vec<_>>::new();
    for cell in cells() {
        let name = cell.name();
        if options.words.is_empty() || options.words.iter().any(|word| name.contains(word)) {
            libraries.entry(cell.library).or_default().push(cell);
        }
    }
    // The libraries at once, and the backends of each one after another: a run waits more than it works.
    let rows = thread::scope(|scope| {
        let players: Vec<_> = libraries
            .into_values()
            .map(|cells| scope.spawn(|| play_all(cells, &options)))
            .collect();
        let rows = players.into_iter().map(|player| player.join());
        rows.collect::<thread::Result<Vec<_>>>()
    });
    let rows = rows.expect("a panic of a run is its failure").concat();
    let is_sound = rows.iter().all(Row::is_sound);
    println!("\nlibrary    backend                 runs  hung  failed  late   ms a run");
    for row in &rows {
        println!("{row}");
    }
    println!(
        "summary: {}, in {} s",
        if is_sound {
            "no run hung or failed"
        } else {
            "runs hung or failed"
        },
        begun.elapsed().as_secs()
    );
    // Threads that hang must not keep the process.
    std::process::exit(if is_sound { 0 } else { 1 });
}

#[derive(Clone)]
struct Row {
    library: &'static str,
    backend: &'static str,
    runs: usize,
    hung: usize,
    failed: usize,
    late: usize,
    took: Duration,
}

impl Row {
    fn is_sound(&self) -> bool {
        self.hung == 0 && self.failed == 0 && self.late * 2 <= self.runs
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Row {
            library,
            backend,
            runs,
            hung,
            failed,
            late,
            took,
        } = self;
        let each = took.as_secs_f64() * 1000.0 / (*runs).max(1) as f64;
        write!(
            f,
            "{library:<10} {backend:<22} {runs:>5} {hung:>5} {failed:>7} {late:>5} {each:>10.1}"
        )
    }
}

fn play_all(cells: Vec<Cell>, options: &Options) -> Vec<Row> {
    let rows = cells.into_iter().map(|cell| {
        let row = play(&cell, options);
        println!("{row}");
        row
    });
    rows.collect()
}

/// Runs one cell as often as wished.
fn play(cell: &Cell, options: &Options) -> Row {
    let name = cell.name();
    let mut row = Row {
        library: cell.library,
        backend: cell.backend,
        runs: 0,
        hung: 0,
        failed: 0,
        late: 0,
        took: Duration::ZERO,
    };
    let wanted = match cell.library {
        "openraft" => options.runs.div_ceil(RUNTIMES_PER_SUITE),
        _ => options.runs,
    };
    for run in 0..wanted {
        let begun = Instant::now();
        let end = watched(cell, run, options.patience);
        row.runs += 1;
        match end {
            End::Done => row.took += begun.elapsed(),
            End::Failed(Fault::Late) => row.late += 1,
            End::Failed(Fault::Wrong(reason)) => {
                println!("{name}: run {run} failed: {reason}");
                row.failed += 1;
            }
            End::Hung(step) => {
                println!("{name}: run {run} HANGS while {step}");
                row.hung += 1;
            }
        }
        if row.hung + row.failed == TOO_MANY_HANGS {
            break;
        }
    }
    row
}

enum End {
    Done,
    Failed(Fault),
    Hung(&'static str),
}

/// Runs on a thread of its own, and waits no longer than the patience.
fn watched(cell: &Cell, run: usize, patience: Duration) -> End {
    let step = Arc::new(Step::default());
    let (ended, is_ended) = channel();
    let (body, seen) = (cell.run, step.clone());
    let thread = thread::Builder::new()
        .name(format!("{}/{run}", cell.backend))
        .spawn(move || {
            let end = panic::catch_unwind(AssertUnwindSafe(|| body(run, &seen)));
            let end = end.unwrap_or_else(|_| Err(Fault::Wrong("it panicked".to_owned())));
            let _ = ended.send(end);
        });
    if let Err(error) = thread {
        return End::Failed(Fault::Wrong(format!("no thread: {error}")));
    }
    match is_ended.recv_timeout(patience) {
        Ok(Ok(())) => End::Done,
        Ok(Err(reason)) => End::Failed(reason),
        Err(RecvTimeoutError::Timeout) => End::Hung(step.name()),
        Err(RecvTimeoutError::Disconnected) => {
            End::Failed(Fault::Wrong("it ended without a word".to_owned()))
        }
    }
}
