//! Random programs find planted faults, and what is printed of them compiles and runs.

use std::process::ExitCode;
use std::time::Duration;

use anyrt_conformance::differential::{Program, Search, compare, rust_code};
use anyrt_conformance::{Backend, Suite, child, specification};
use anyrt_core::{BlockOn, Config, Flavor, Launch};
use libtest_mimic::{Arguments, Failed, Trial};

/// What `conformance differential --print --seed 2882 --iterations 1` prints.
mod shared {
    include!("differential/shared.rs");
}

/// What `conformance differential --print --seed 19 --iterations 1 --backend tokio-local` prints.
mod local {
    include!("differential/local.rs");
}

/// How many seeds have to do.
const SEEDS: u64 = 50;

/// Faults, with what is said about them, and how many steps the smallest program has that shows them.
const PLANTED: [(&str, &str, usize); 12] = [
    ("abort_forgets_output", "Cancelled, where", 2),
    ("abort_ignored", "was to stop, and ran on", 1),
    ("abort_leaks_future", "aborted", 1),
    ("detach_keeps_output", "its output is kept", 1),
    ("drop_cancels", "never came to its end", 1),
    ("finished_is_never", "awaited", 1),
    ("future_dropped_late", "before its future was dropped", 1),
    ("interval_starts_late", "tick 0 of an interval", 1),
    ("panic_aborts_process", "died", 1),
    ("panic_as_cancelled", "Cancelled, where Panic is right", 1),
    (
        "payload_becomes_text",
        "payload of task 1's panic is lost",
        1,
    ),
    ("sleeps_half", "a sleep was early", 1),
];

fn backend() -> Backend {
    let one = Config::new().flavor(Flavor::CurrentThread);
    Backend::owned::<anyrt_tokio::Owned>("one", one)
}

fn suite() -> Suite {
    Suite::new([specification()], [backend()])
}

/// A test program with a `main` of its own, since programs run in this program, started again.
fn main() -> ExitCode {
    if let Some(code) = child(&suite()) {
        return code;
    }
    let mut trials = vec![
        test("a_sound_runtime_agrees", a_sound_runtime_agrees),
        test("a_hang_names_what_hangs", a_hang_names_what_hangs),
        test(
            "a_seed_gives_the_same_program_for_ever",
            a_seed_gives_the_same_program_for_ever,
        ),
        test("what_is_printed_runs", what_is_printed_runs),
    ];
    trials.extend(PLANTED.map(|(mutant, said, steps)| {
        let name = format!("{mutant} is found and made small");
        Trial::test(name, move || is_found(mutant, said, steps))
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn test(name: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        body();
        Ok(())
    })
}

fn search() -> Search {
    Search {
        iterations: SEEDS,
        jobs: 1,
        limit: Duration::from_secs(3),
        ..Search::default()
    }
}

fn is_found(mutant: &str, said: &str, steps: usize) -> Result<(), Failed> {
    let mutant = suite().mutant(mutant).ok_or("there is no such mutant")?;
    let broken = mutant.apply(backend());
    let find = || search().run_one(&broken, |_| {});
    let mut finding = find().ok_or("nothing is found")?;
    // On a busy machine half of a sleep may take as long as all of it, so that a smaller program shows nothing: it is asked again.
    for _ in 0..9 {
        if finding.program.len() > steps {
            finding = find().ok_or("nothing is found again")?;
        }
    }
    let code = finding.rust_code();
    if !finding.shrunk_differences.join("; ").contains(said) {
        return Err(format!("it is called something else: {code}").into());
    }
    if finding.program.len() > steps {
        return Err(format!("it is not made small: {code}").into());
    }
    let replay = format!("--seed {} --iterations 1", finding.seed);
    assert!(code.contains(&replay), "{code}");
    Ok(())
}

fn a_sound_runtime_agrees() {
    assert_eq!(search().run_one(&backend(), |_| {}), None);
}

fn a_hang_names_what_hangs() {
    let broken = suite()
        .mutant("block_on_never_returns")
        .expect("it exists")
        .apply(backend());
    let found = compare(&Program::random(0), &broken, Duration::from_millis(300));
    assert!(found[0].starts_with("hung: after 300ms"), "{found:?}");
}

fn a_seed_gives_the_same_program_for_ever() {
    let printed = |seed, local| {
        format!(
            "// Seed {seed}.\n{}",
            rust_code(&Program::random(seed), local)
        )
    };
    assert_eq!(printed(2882, false), include_str!("differential/shared.rs"));
    assert_eq!(printed(19, true), include_str!("differential/local.rs"));
}

fn what_is_printed_runs() {
    let rt = anyrt_tokio::Owned::launch(Config::new()).expect("it starts");
    rt.block_on(shared::program(rt.handle()));
    let rt = anyrt_tokio::Local::launch(Config::new()).expect("it starts");
    rt.block_on(local::program(rt.handle()));
}
