//! The gate of sockets: the layer runs what native sockets run, but for a few instructions, allocates as they do, and keeps no more
//! bytes for a connection.
//!
//! Each backend is measured by a run of this program under callgrind, where it does every operation natively, through the layer and
//! through `AnyNet`, in turns. Between client requests callgrind counts the instructions of all threads.

use std::collections::BTreeMap;
use std::env;
use std::ffi::CString;
use std::fmt;
use std::fs;
use std::io;
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};

use anyrt_benches::alloc::{Bump, Count, Counting};
use anyrt_benches::probe::Probe;
use anyrt_benches::sockets::{self, BACKENDS, Side, SocketOperation, limits};
use anyrt_benches::valgrind;
use libtest_mimic::{Arguments, Failed, Trial};

// What the system's allocator costs depends on all that was allocated before.
#[global_allocator]
static ALLOCATOR: Counting<Bump> = Counting(Bump);

/// Set for the runs that are measured: which backend.
const MEASURED: &str = "ANYRT_MEASURED_SOCKETS";

/// Turns a missing valgrind, and a build without optimisation, into a failure.
const REQUIRED: &str = "ANYRT_REQUIRE_VALGRIND";

/// The least of so many rounds counts: what another thread does in between is not there in every round.
const ROUNDS: usize = 5;

/// So often each operation is done in a round.
const TIMES: usize = 200;

fn main() -> ExitCode {
    if let Ok(backend) = env::var(MEASURED) {
        measure(&backend);
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let obstacle = obstacle();
    let mut trials = Vec::new();
    if let (Some(obstacle), true) = (
        &obstacle,
        env::var_os(REQUIRED).is_some_and(|set| set == "1"),
    ) {
        let text = format!("{REQUIRED} is set, but {obstacle}");
        trials.push(Trial::test("valgrind_is_there", || Err(text.into())));
    }
    let table = Arc::new(Mutex::new(String::from(TITLE)));
    for &backend in BACKENDS {
        let counts = Arc::new(Mutex::new(None));
        let mut add = |name: &str, test: fn(&'static str, &Counts, &Mutex<String>) -> Verdict| {
            let (counts, table) = (counts.clone(), table.clone());
            let trial = Trial::test(format!("{backend}::{name}"), move || {
                let mut counts = counts.lock().expect("nothing panics with it");
                let counts = match &mut *counts {
                    Some(counts) => counts,
                    none => none.insert(count(backend)?),
                };
                test(backend, counts, &table)
            });
            trials.push(trial.with_ignored_flag(obstacle.is_some()));
        };
        add("layer_costs_what_native_costs", layer);
        if sockets::sides(backend).contains(&Side::Any) {
            add("a_planted_box_is_seen", planted_box);
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    match obstacle {
        Some(obstacle) => println!("socket gate: skipped, because {obstacle}"),
        None => {
            let table = table.lock().expect("nothing panics with it");
            print!("{table}");
            // `docs/cost-measured.md` is made of it, and a part of it would pass for the whole.
            let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/sockets.txt");
            if table.lines().count() == 1 + cases() {
                if let Err(error) = fs::write(file, &*table) {
                    println!("{file}: {error}");
                }
            }
        }
    }
    conclusion.exit_code()
}

/// How many operations are measured on all backends together.
fn cases() -> usize {
    BACKENDS
        .iter()
        .map(|backend| sockets::operations(backend).count())
        .sum()
}

type Verdict = Result<(), Failed>;

const TITLE: &str = "per operation: instructions native, layer, difference, limit; allocations native, layer; bytes kept native, layer; AnyNet\n";

/// Why instructions cannot be counted here.
fn obstacle() -> Option<String> {
    if cfg!(debug_assertions) {
        return Some("this is a build without optimisation: run it with --release".to_owned());
    }
    if !valgrind::SUPPORTED {
        return Some("requests to valgrind are written for x86-64 Linux".to_owned());
    }
    match Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
    {
        Ok(status) if status.success() => None,
        _ => Some("valgrind is not installed".to_owned()),
    }
}

/// The layer is within its limits.
fn layer(backend: &'static str, counts: &Counts, table: &Mutex<String>) -> Verdict {
    let mut broken = Vec::new();
    for operation in sockets::operations(backend) {
        let row = Row::of(backend, operation, Side::Layer, counts)?;
        let any = match sockets::sides(backend).contains(&Side::Any) {
            true => counts.cost(operation, Side::Any)?.to_string(),
            false => String::from("-"),
        };
        let text = format!("{row} {any}\n");
        table
            .lock()
            .expect("nothing panics with it")
            .push_str(&text);
        if !row.is_within() {
            broken.push(row.to_string());
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n").into())
    }
}

/// `AnyNet` is the layer with boxes planted. In its place it is above the limits, wherever the layer is not cheaper than native by more
/// than a box.
fn planted_box(backend: &'static str, counts: &Counts, _: &Mutex<String>) -> Verdict {
    let seen: &[SocketOperation] = match backend {
        "tokio" => &[
            SocketOperation::Echo,
            SocketOperation::Udp,
            SocketOperation::Accept,
            SocketOperation::Open,
        ],
        _ => &[SocketOperation::Udp],
    };
    for &operation in seen {
        let row = Row::of(backend, operation, Side::Any, counts)?;
        if row.is_within() {
            return Err(format!("nobody saw the boxes of {row}").into());
        }
    }
    Ok(())
}

/// What one operation costs.
#[derive(Clone, Copy, Debug)]
struct Cost {
    instructions: f64,
    allocations: f64,
    /// What is kept after it.
    bytes: f64,
}

impl Cost {
    fn least(self, other: Self) -> Self {
        Self {
            instructions: self.instructions.min(other.instructions),
            allocations: self.allocations.min(other.allocations),
            bytes: self.bytes.min(other.bytes),
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            instructions,
            allocations,
            bytes,
        } = self;
        write!(f, "{instructions:>9.1} {allocations:>5.2} {bytes:>6.0}")
    }
}

/// What was counted on one backend, by operation and side.
struct Counts(BTreeMap<String, Cost>);

impl Counts {
    fn cost(&self, operation: SocketOperation, side: Side) -> Result<Cost, Failed> {
        let cost = self.0.get(&name(operation, side));
        Ok(*cost.ok_or("callgrind wrote no count for it")?)
    }
}

fn name(operation: SocketOperation, side: Side) -> String {
    format!("{} {}", operation.name(), side.name())
}

struct Row {
    backend: &'static str,
    operation: SocketOperation,
    native: Cost,
    layer: Cost,
}

impl Row {
    fn of(
        backend: &'static str,
        operation: SocketOperation,
        side: Side,
        counts: &Counts,
    ) -> Result<Self, Failed> {
        Ok(Self {
            backend,
            operation,
            native: counts.cost(operation, Side::Native)?,
            layer: counts.cost(operation, side)?,
        })
    }

    /// How many instructions the layer may need beside native.
    fn limit(&self) -> f64 {
        let declared = limits::find(self.backend, self.operation);
        let declared = declared.map_or(0.0, |declared| declared.instructions);
        (self.native.instructions / 100.0).max(10.0) + declared
    }

    fn is_within(&self) -> bool {
        let declared = limits::find(self.backend, self.operation);
        let declared = declared.map_or(0.0, |declared| declared.allocations);
        let Self { native, layer, .. } = self;
        layer.instructions - native.instructions <= self.limit()
            // Growing tables of the runtime's are not always there.
            && layer.allocations - native.allocations <= declared + 0.05
            && layer.bytes - native.bytes <= 1.0
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            backend,
            native,
            layer,
            ..
        } = self;
        let operation = self.operation.name();
        let verdict = if self.is_within() { "≤" } else { "ABOVE" };
        write!(
            f,
            "{backend:<13}{operation:<8} {:>9.1} {:>9.1} {:>+8.1} {verdict} {:+.1} {:>5.2} {:>5.2} {:>6.0} {:>6.0}",
            native.instructions,
            layer.instructions,
            layer.instructions - native.instructions,
            self.limit(),
            native.allocations,
            layer.allocations,
            native.bytes,
            layer.bytes,
        )
    }
}

/// Measures a backend in a process of its own.
fn count(backend: &str) -> io::Result<Counts> {
    let folder = format!("anyrt-sockets-{}-{backend}", std::process::id());
    let folder = env::temp_dir().join(folder);
    fs::create_dir_all(&folder)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-line=no", "--quiet"])
        .arg(format!("--callgrind-out-file={}/out", folder.display()))
        .arg(env::current_exe()?)
        .env(MEASURED, backend)
        .output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{}: {errors}", output.status)));
    }
    let mut instructions: BTreeMap<String, f64> = BTreeMap::new();
    for entry in fs::read_dir(&folder)? {
        let text = fs::read_to_string(entry?.path())?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let cause = field("desc: Trigger: Client Request: ");
        let total = field("totals: ").and_then(|total| total.parse().ok());
        if let (Some(cause), Some(total)) = (cause, total) {
            instructions.insert(cause.to_owned(), total);
        }
    }
    fs::remove_dir_all(&folder)?;
    let mut counts = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [operation, side, round, allocations, bytes] = words[..] else {
            continue;
        };
        let number = |text: &str| text.parse::<f64>().map_err(io::Error::other);
        let cause = format!("{operation} {side} {round}");
        let total = instructions
            .get(&cause)
            .copied()
            .ok_or_else(|| io::Error::other(cause))?;
        let times = TIMES as f64;
        let cost = Cost {
            instructions: total / times,
            allocations: number(allocations)? / times,
            bytes: number(bytes)? / times,
        };
        let least = counts.entry(format!("{operation} {side}")).or_insert(cost);
        *least = cost.least(*least);
    }
    Ok(Counts(counts))
}

/// Under valgrind: does everything that is to be counted.
fn measure(backend: &str) {
    assert!(valgrind::is_running(), "only valgrind counts");
    for operation in sockets::operations(backend) {
        for round in 0..ROUNDS {
            for &side in sockets::sides(backend) {
                let name = format!("{} {round}", name(operation, side));
                let probe = Counted {
                    cause: CString::new(&*name).expect("names hold no zero byte"),
                    begun: Mutex::default(),
                    spent: Mutex::default(),
                };
                sockets::run(backend, side, operation, TIMES, &probe);
                let (count, bytes) = *probe.spent.lock().expect("nothing panics with it");
                println!("{name} {} {bytes}", count.allocations);
            }
        }
    }
}

struct Counted {
    cause: CString,
    begun: Mutex<(Count, i64)>,
    spent: Mutex<(Count, i64)>,
}

impl Probe for Counted {
    fn begin(&self) {
        *self.begun.lock().expect("nothing panics with it") = (Counting::count(), Counting::live());
        valgrind::zero_stats();
    }

    fn end(&self) {
        valgrind::dump_stats_at(&self.cause);
        let (count, live) = *self.begun.lock().expect("nothing panics with it");
        *self.spent.lock().expect("nothing panics with it") =
            (Counting::count() - count, Counting::live() - live);
    }
}
