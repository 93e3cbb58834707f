//! The gate of allocations: the layer allocates what native code allocates, to the byte.

use std::alloc::System;
use std::fs;
use std::hint::black_box;
use std::panic;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock};

use anyrt_async_std::AsyncStd;
use anyrt_benches::alloc::{Count, Counting};
use anyrt_benches::backends::{KEYS, cases, operations, start};
use anyrt_benches::extras;
use anyrt_benches::limits;
use anyrt_benches::measure::Measure;
use anyrt_benches::operation::{BATCH, Operation};
use anyrt_benches::pair::Pair;
use anyrt_benches::probe::{Nothing, Probe};
use anyrt_benches::work::YieldOnce;
use anyrt_core::{Config, Flavor, Launch, Spawn};
use anyrt_smol::Smol;
use async_executor::Executor;
use libtest_mimic::{Arguments, Failed, Trial};

#[global_allocator]
static ALLOCATOR: Counting = Counting(System);

/// Per round; a multiple of the batch. Fewer where one of them takes long, most of all in a build without optimisation: a thread
/// changes, a stack is unwound.
fn times(operation: Operation) -> usize {
    match operation {
        Operation::Blocking | Operation::BlockOn | Operation::AbortJoin | Operation::PanicJoin => {
            8 * BATCH
        }
        _ => 64 * BATCH,
    }
}

const ROUNDS: usize = 4;

/// So often rounds are added while the verdict is bad. Other threads of the process allocate when they like (a worker wakes, a
/// pool starts a thread, a queue takes a block); an allocation of the operation's own is there in every round, however many.
const MORE: usize = 16;

/// Allocations per *round* that are nobody's operation: a thread of a blocking pool starts, a tree of timers takes a node. An
/// operation that allocates shows up as [`times`] of them. Of their bytes, it is less than one per operation.
const TOLERANCE: i64 = 4;

/// Of how many operations one may need a block of 31 pushes more in the layer: tasks that wander between queues make the number
/// vary.
const OPERATIONS_PER_BLOCK: i64 = 8;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One after the other, on this thread: the allocator counts what every thread does.
    arguments.test_threads = Some(1);
    // The panics here are on purpose, and printing them allocates.
    panic::set_hook(Box::new(|_| ()));
    let table = Arc::new(Mutex::new(Vec::new()));
    let mut trials = Vec::new();
    for &key in KEYS {
        let pair = Arc::new(OnceLock::new());
        for &operation in operations(key) {
            let (pair, table) = (pair.clone(), table.clone());
            trials.push(Trial::test(
                format!("{key}::{}", operation.name()),
                move || check(pair.get_or_init(|| start(key, 2)), operation, &table),
            ));
        }
    }
    for (key, declared) in TASK_BYTES {
        trials.push(Trial::test(
            format!("{key}::task_of_a_kilobyte"),
            move || check_task(key, *declared),
        ));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    print_table(&table.lock().expect("nothing panics with it"));
    conclusion.exit_code()
}

/// By how many bytes the layer's task is larger than the native one, for a future that holds a kilobyte and must be dropped.
const TASK_BYTES: &[(&str, i64)] = &[
    ("tokio-multi-thread", 0),
    ("tokio-current-thread", 0),
    ("smol", 8),
    // Beside the guard's 8 bytes, two words by which the task finds that its runtime was closed.
    ("smol-owned", 24),
    ("async-std", 8),
];

fn check_task(key: &str, declared: i64) -> Result<(), Failed> {
    let (native, layer) = match key {
        "smol" => (
            largest(|| smol::spawn(kilobyte(None)).detach()),
            largest(|| drop(Smol::global().spawn(kilobyte(None)))),
        ),
        "smol-owned" => {
            let executor = Executor::new();
            let owned = anyrt_smol::Owned::launch(Config::new())?;
            (
                largest(|| executor.spawn(kilobyte(None)).detach()),
                largest(|| drop(owned.handle().spawn(kilobyte(None)))),
            )
        }
        "async-std" => (
            largest(|| drop(async_std::task::spawn(kilobyte(None)))),
            largest(|| drop(AsyncStd::global().spawn(kilobyte(None)))),
        ),
        _ => {
            let flavor = match key {
                "tokio-multi-thread" => Flavor::MultiThread,
                _ => Flavor::CurrentThread,
            };
            let owned = anyrt_tokio::Owned::launch(Config::new().flavor(flavor))?;
            (
                largest(|| drop(owned.handle().as_tokio().spawn(kilobyte(None)))),
                largest(|| drop(owned.handle().spawn(kilobyte(None)))),
            )
        }
    };
    if layer - native == declared {
        Ok(())
    } else {
        Err(format!("native {native} B, layer {layer} B, declared {declared} B more").into())
    }
}

/// The bytes of the largest allocation that `spawn` makes: the task. The least of several rounds, since a thread of the runtime that
/// starts meanwhile may allocate a queue that is larger; the task is there in every round.
fn largest(spawn: impl Fn()) -> i64 {
    spawn();
    let rounds = (0..ROUNDS).map(|_| {
        Counting::take_largest();
        spawn();
        Counting::take_largest()
    });
    rounds.min().expect("there is a round")
}

async fn kilobyte(name: Option<String>) {
    let block = black_box([1_u8; 1024]);
    YieldOnce::default().await;
    black_box((&block, &name));
}

fn check(pair: &Pair, operation: Operation, table: &Mutex<Vec<Row>>) -> Result<(), Failed> {
    let warm: Arc<dyn Probe> = Arc::new(Nothing);
    for side in [&pair.native, &pair.layer] {
        side.measure(operation, times(operation), &warm);
    }
    let mut row = least(pair, operation);
    for _ in 0..MORE {
        if row.verdict().is_ok() {
            break;
        }
        row = row.least(&least(pair, operation));
    }
    let verdict = row.verdict();
    let text = row.to_string();
    table.lock().expect("nothing panics with it").push(row);
    verdict.map_err(|fault| format!("{text}\n{fault}").into())
}

/// The least that either side was seen to need in a round. What an operation needs, it needs in every round.
fn least(pair: &Pair, operation: Operation) -> Row {
    let rounds = (0..ROUNDS).map(|_| Row {
        key: pair.key,
        operation,
        native: count(&*pair.native, operation),
        layer: count(&*pair.layer, operation),
    });
    rounds
        .reduce(|least, round| least.least(&round))
        .expect("there is a round")
}

fn count(side: &dyn Measure, operation: Operation) -> Count {
    let probe = Arc::new(Snapshots(Mutex::default()));
    let told: Arc<dyn Probe> = probe.clone();
    side.measure(operation, times(operation), &told);
    let snapshots = probe.0.lock().expect("nothing panics with it");
    snapshots.1 - snapshots.0
}

struct Snapshots(Mutex<(Count, Count)>);

impl Probe for Snapshots {
    fn begin(&self) {
        self.0.lock().expect("nothing panics with it").0 = Counting::count();
    }

    fn end(&self) {
        self.0.lock().expect("nothing panics with it").1 = Counting::count();
    }
}

struct Row {
    key: &'static str,
    operation: Operation,
    native: Count,
    layer: Count,
}

impl Row {
    fn least(&self, other: &Self) -> Self {
        Self {
            key: self.key,
            operation: self.operation,
            native: self.native.least(other.native),
            layer: self.layer.least(other.layer),
        }
    }

    fn verdict(&self) -> Result<(), String> {
        if Operation::STRUCTURED.contains(&self.operation) {
            let native = self.native.allocations;
            return match limits::allocations(self.key, self.operation, native) {
                Some(limit) if self.layer.allocations > limit + TOLERANCE => {
                    Err("the group allocates too often".to_owned())
                }
                _ => Ok(()),
            };
        }
        let difference = self.layer - self.native;
        let is_erased = self.key.ends_with("+any");
        // The erased form is compared with the static one, which has paid for what is declared.
        let declared = if is_erased {
            (extras::boxes(self.operation), 0)
        } else {
            extras::find(self.key, self.operation)
                .map_or((0, 0), |extra| (extra.allocations, extra.bytes))
        };
        let (allocations, bytes) = declared;
        let times = times(self.operation) as i64;
        let excess = difference.allocations - allocations * times;
        let excess_bytes = difference.bytes - bytes * times;
        if excess > TOLERANCE {
            return Err(format!(
                "the layer allocates more often than the {allocations} declared"
            ));
        }
        // A declared cost is exact: one that is gone must be taken off the list.
        if allocations > 0 && excess < -TOLERANCE {
            return Err(format!(
                "the layer allocates less often than the {allocations} declared"
            ));
        }
        // How large a box of the erased form is depends on what is in it.
        if !is_erased && excess_bytes >= times {
            return Err("the layer allocates more bytes than declared".to_owned());
        }
        if difference.blocks > times / OPERATIONS_PER_BLOCK {
            return Err("the layer needs more blocks of queues".to_owned());
        }
        Ok(())
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let per = |total: i64| total as f64 / times(self.operation) as f64;
        write!(
            f,
            "{:<30} {:<16} {:>7.3} {:>9.1} {:>7.3} {:>9.1}",
            self.key,
            self.operation.name(),
            per(self.native.allocations),
            per(self.native.bytes),
            per(self.layer.allocations),
            per(self.layer.bytes),
        )
    }
}

fn print_table(rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let mut table = "allocations and bytes per operation, native and layer\n".to_owned();
    for row in rows {
        table.push_str(&format!("{row}\n"));
    }
    print!("{table}");
    // `docs/cost-measured.md` is made of it.
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/allocations.txt");
    // A part of it would pass for the whole.
    if rows.len() == cases() {
        if let Err(error) = fs::write(file, table) {
            println!("{file}: {error}");
        }
    }
    let mut broken = 0;
    for row in rows {
        if let Err(fault) = row.verdict() {
            println!("{row}: {fault}");
            broken += 1;
        }
    }
    println!(
        "allocation gate: {} measured, {broken} above the limit",
        rows.len()
    );
}
