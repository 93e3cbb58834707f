//! The gate of sockets: the layer runs what native sockets run, but for a few instructions, and allocates as they do.
//!
//! Each case is two runs of this program under callgrind, a short one and a long one; the difference, divided by the rounds
//! between them, is what one round costs. Both sides of a connection are polled by one future, so that no scheduler counts.

mod layer;
mod limits;
mod native_smol;
mod native_tokio;

use std::env;
use std::process::{Command, ExitCode, Stdio};

use anyrt_benches::alloc::Counting;
use libtest_mimic::{Arguments, Failed, Trial};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Set for the runs that are measured: backend, side, operation and rounds.
const MEASURED: &str = "ANYRT_MEASURED_SOCKETS";
/// Turns a missing valgrind into a failure.
const REQUIRED: &str = "ANYRT_REQUIRE_VALGRIND";

const SHORT: u64 = 100;
const LONG: u64 = 600;

fn main() -> ExitCode {
    if let Ok(case) = env::var(MEASURED) {
        measure(&case);
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let has_valgrind = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    let is_required = env::var_os(REQUIRED).is_some_and(|set| set == "1");
    let mut trials = Vec::new();
    for limit in limits::ALL {
        let name = format!("{}/{}", limit.backend, limit.operation);
        let is_skipped = !has_valgrind && !is_required || cfg!(debug_assertions);
        trials.push(Trial::test(name, || judge(limit)).with_ignored_flag(is_skipped));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn judge(limit: &limits::Limit) -> Result<(), Failed> {
    let cost = |side| cost(limit.backend, side, limit.operation);
    let (native, ours) = (cost("native")?, cost("layer")?);
    let (instructions, allocations) = (
        ours.instructions - native.instructions,
        ours.allocations - native.allocations,
    );
    let allowed = (native.instructions / 100).max(10) + limit.instructions;
    println!(
        "{:>6}/{:<8} {:>8} native, {:>8} layer, {instructions:+} ≤ {allowed:+}; {:.2} allocations native, {allocations:+.2} ≤ {:+.2}",
        limit.backend,
        limit.operation,
        native.instructions,
        ours.instructions,
        native.allocations,
        limit.allocations,
    );
    if instructions > allowed {
        return Err(
            format!("{instructions:+} instructions, above the limit of {allowed:+}").into(),
        );
    }
    if allocations > limit.allocations + 0.05 {
        let limit = limit.allocations;
        return Err(
            format!("{allocations:+.2} allocations, above the limit of {limit:+.2}").into(),
        );
    }
    Ok(())
}

struct Cost {
    instructions: i64,
    allocations: f64,
}

/// What one round costs.
fn cost(backend: &str, side: &str, operation: &str) -> Result<Cost, Failed> {
    let run = |rounds: u64| {
        let program = env::current_exe()?;
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .env(MEASURED, format!("{backend} {side} {operation} {rounds}"))
            .output()
    };
    let mut counts = [[0_i64; 2]; 2];
    for (count, rounds) in counts.iter_mut().zip([SHORT, LONG]) {
        let output = run(rounds)?;
        let (out, error) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        let number = |text: &str, mark: &str| -> Option<i64> {
            text.split(mark)
                .nth(1)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        };
        let instructions = number(&error, "Collected :").ok_or(error)?;
        let allocations = number(&out, "allocations:").ok_or("no count of allocations")?;
        *count = [instructions, allocations];
    }
    let rounds = (LONG - SHORT) as i64;
    Ok(Cost {
        instructions: (counts[1][0] - counts[0][0]) / rounds,
        allocations: (counts[1][1] - counts[0][1]) as f64 / rounds as f64,
    })
}

/// Does one case, in the process that is measured.
fn measure(case: &str) {
    let words: Vec<_> = case.split(' ').collect();
    let [backend, side, operation, rounds] = words[..] else {
        panic!("not a case: {case}");
    };
    let rounds = rounds.parse().expect("a number");
    match (backend, side) {
        ("tokio", "native") => native_tokio::run(operation, rounds),
        ("smol", "native") => native_smol::run(operation, rounds),
        ("tokio", "layer") => {
            let owner = tokio_runtime();
            let rt = anyrt_tokio::Tokio::try_from(owner.handle().clone()).expect("has timers");
            owner.block_on(layer::run(&rt, operation, rounds));
        }
        ("smol", "layer") => {
            smol::block_on(layer::run(&anyrt_smol::Smol::global(), operation, rounds));
        }
        _ => panic!("not a case: {case}"),
    }
    println!("allocations: {}", Counting::count().allocations);
}

fn tokio_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("starts")
}
