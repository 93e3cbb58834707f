//! The gate of instructions: the layer runs what native code runs, but for a few.
//!
//! Each backend is measured by a run of this program under callgrind, where it does every operation natively and through the
//! layer, in turns. Between client requests callgrind counts the instructions of all threads.

use std::collections::BTreeMap;
use std::env;
use std::ffi::CString;
use std::fs;
use std::io;
use std::panic;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex};

use anyrt_benches::alloc::Bump;
use anyrt_benches::backends::{KEYS, cases, operations, start};
use anyrt_benches::extras;
use anyrt_benches::limits;
use anyrt_benches::operation::{BATCH, Operation};
use anyrt_benches::probe::{Nothing, Probe};
use anyrt_benches::valgrind;
use libtest_mimic::{Arguments, Failed, Trial};

#[global_allocator]
static ALLOCATOR: Bump = Bump;

/// Set for the runs under valgrind: which backend to measure.
const MEASURED: &str = "ANYRT_MEASURED_BACKEND";

/// Turns a missing valgrind, and a build without optimisation, into a failure.
const REQUIRED: &str = "ANYRT_REQUIRE_VALGRIND";

const ROUNDS: usize = 5;

/// So often a backend is measured again while a verdict on it is bad. What another thread does in between is not there in every
/// run; an instruction of the operation's own is.
const MORE: usize = 3;

fn main() -> ExitCode {
    // The panics here are on purpose, and printing them costs.
    panic::set_hook(Box::new(|_| ()));
    if let Ok(key) = env::var(MEASURED) {
        let key = KEYS.iter().find(|known| **known == key);
        measure(key.expect("this program starts itself with its own keys"));
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let obstacle = obstacle();
    let table = Arc::new(Mutex::new(Vec::new()));
    let mut trials = Vec::new();
    if let (Some(obstacle), true) = (
        &obstacle,
        env::var_os(REQUIRED).is_some_and(|set| set == "1"),
    ) {
        let text = format!("{REQUIRED} is set, but {obstacle}");
        trials.push(Trial::test("valgrind_is_there", || Err(text.into())));
    }
    for &key in KEYS {
        let counts = Arc::new(Mutex::new(Counts::default()));
        for &operation in operations(key) {
            let (counts, table) = (counts.clone(), table.clone());
            let trial = Trial::test(format!("{key}::{}", operation.name()), move || {
                let mut counts = counts.lock().expect("nothing panics with it");
                check(key, operation, &mut counts, &table)
            });
            trials.push(trial.with_ignored_flag(obstacle.is_some()));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    match obstacle {
        Some(obstacle) => println!("instruction gate: skipped, because {obstacle}"),
        None => print_table(&table.lock().expect("nothing panics with it")),
    }
    conclusion.exit_code()
}

/// Why instructions cannot be counted here.
fn obstacle() -> Option<String> {
    if cfg!(debug_assertions) {
        return Some("this is a build without optimisation: run it with --release".to_owned());
    }
    if !valgrind::SUPPORTED {
        return Some("requests to valgrind are written for x86-64 Linux".to_owned());
    }
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => None,
        _ => Some("valgrind is not installed".to_owned()),
    }
}

/// Under valgrind: does everything that is to be counted.
fn measure(key: &'static str) {
    assert!(valgrind::is_running(), "only valgrind counts");
    let pair = start(key, 1);
    let warm: Arc<dyn Probe> = Arc::new(Nothing);
    for &operation in operations(key) {
        let times = times(operation);
        let sides = [("native", &pair.native), ("layer", &pair.layer)];
        for (_, side) in sides {
            side.measure(operation, times, &warm);
        }
        for _ in 0..ROUNDS {
            for (name, side) in sides {
                let name = format!("{} {name}", operation.name());
                let name = CString::new(name).expect("names hold no zero byte");
                let probe: Arc<dyn Probe> = Arc::new(Counted(name));
                side.measure(operation, times, &probe);
            }
        }
    }
}

/// Per round; a multiple of the batch. Fewer where one of them is thousands of instructions.
fn times(operation: Operation) -> usize {
    match operation {
        Operation::PanicJoin => BATCH,
        _ => 8 * BATCH,
    }
}

struct Counted(CString);

impl Probe for Counted {
    #[inline]
    fn begin(&self) {
        valgrind::zero_stats();
    }

    #[inline]
    fn end(&self) {
        valgrind::dump_stats_at(&self.0);
    }
}

/// What was counted on one backend.
#[derive(Default)]
struct Counts {
    /// The least total of any round, by operation and side.
    totals: BTreeMap<String, u64>,
    runs: usize,
}

impl Counts {
    /// Measures the backend in a process of its own.
    fn run(&mut self, key: &str) -> io::Result<()> {
        self.runs += 1;
        let folder = format!("anyrt-instructions-{}-{key}", std::process::id());
        let folder = env::temp_dir().join(folder);
        fs::create_dir_all(&folder)?;
        let run = run_in(&folder, key, &mut self.totals);
        fs::remove_dir_all(&folder)?;
        run
    }
}

fn run_in(folder: &Path, key: &str, totals: &mut BTreeMap<String, u64>) -> io::Result<()> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-line=no", "--quiet"])
        .arg(format!("--callgrind-out-file={}/out", folder.display()))
        .arg(env::current_exe()?)
        .env(MEASURED, key)
        // One thread each, so that nothing but the work itself decides what runs.
        .env("SMOL_THREADS", "1")
        .env("ASYNC_STD_THREAD_COUNT", "1")
        .output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{}: {errors}", output.status)));
    }
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        let cause = field(&text, "desc: Trigger: Client Request: ");
        let total = field(&text, "totals: ").and_then(|total| total.parse().ok());
        if let (Some(cause), Some(total)) = (cause, total) {
            let least = totals.entry(cause.to_owned()).or_insert(total);
            *least = total.min(*least);
        }
    }
    Ok(())
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

fn check(
    key: &'static str,
    operation: Operation,
    counts: &mut Counts,
    table: &Mutex<Vec<Row>>,
) -> Result<(), Failed> {
    if counts.runs == 0 {
        counts.run(key)?;
    }
    let mut row = Row::of(key, operation, counts)?;
    while !row.is_within() && counts.runs <= MORE {
        counts.run(key)?;
        row = Row::of(key, operation, counts)?;
    }
    let is_within = row.is_within();
    let text = row.to_string();
    table.lock().expect("nothing panics with it").push(row);
    if is_within { Ok(()) } else { Err(text.into()) }
}

struct Row {
    key: &'static str,
    operation: Operation,
    native: f64,
    layer: f64,
}

impl Row {
    fn of(key: &'static str, operation: Operation, counts: &Counts) -> Result<Self, Failed> {
        let per_operation = |side: &str| -> Result<f64, Failed> {
            let total = counts.totals.get(&format!("{} {side}", operation.name()));
            let total = total.ok_or("callgrind wrote no count for it")?;
            Ok(*total as f64 / times(operation) as f64)
        };
        Ok(Self {
            key,
            operation,
            native: per_operation("native")?,
            layer: per_operation("layer")?,
        })
    }

    /// How many instructions the layer may need; `None` where it is only reported.
    fn limit(&self) -> Option<f64> {
        limits::instructions(self.key, self.operation, self.native)
    }

    fn is_within(&self) -> bool {
        self.limit().is_none_or(|limit| self.layer <= limit)
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            key, native, layer, ..
        } = self;
        let name = self.operation.name();
        let difference = layer - native;
        write!(
            f,
            "{key:<30} {name:<16} {native:>9.1} {layer:>9.1} {difference:>+8.1} "
        )?;
        match self.limit() {
            None => write!(f, "no limit")?,
            Some(limit) if self.is_within() => write!(f, "≤ {:+.1}", limit - native)?,
            Some(limit) => write!(f, "ABOVE {:+.1}", limit - native)?,
        }
        match extras::find(key, self.operation) {
            Some(extra) if extra.instructions > 0 => {
                write!(f, " ({} declared)", extra.instructions)
            }
            _ => Ok(()),
        }
    }
}

fn print_table(rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let mut table = "instructions per operation: native, layer, difference, limit\n".to_owned();
    for row in rows {
        table.push_str(&format!("{row}\n"));
    }
    print!("{table}");
    // `docs/cost-measured.md` is made of it.
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/instructions.txt");
    // A part of it would pass for the whole.
    if rows.len() == cases() {
        if let Err(error) = fs::write(file, table) {
            println!("{file}: {error}");
        }
    }
    let broken = rows.iter().filter(|row| !row.is_within()).count();
    println!(
        "instruction gate: {} measured, {broken} above the limit",
        rows.len()
    );
}
