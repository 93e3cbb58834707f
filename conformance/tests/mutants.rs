//! Every rule can fail: each mutant is killed by the rules meant for it, and each binding rule is meant for one.

use std::collections::HashSet;
use std::time::Duration;

use anyrt_conformance::{
    Backend, Case, Level, Runner, Status, Suite, backends, capability, child, specifications,
};
use libtest_mimic::{Arguments, Failed, Trial};

anyrt_conformance::count_heap!();

/// Every specification, on two of the project's own backends with all that they declare: one of either kind.
fn suite() -> Suite {
    let chosen = |it: &Backend| {
        ["tokio-multi-thread", "tokio-local", "tokio-paused", "sim"].contains(&it.key())
    };
    Suite::new(specifications(), backends::all().into_iter().filter(chosen))
}

/// A test program with a `main` of its own, since each case runs in this program, started again.
fn main() -> std::process::ExitCode {
    let suite = suite();
    if let Some(code) = child(&suite) {
        return code;
    }
    anyrt_conformance::kit::set_scale(0.2);
    let mut trials = vec![
        Trial::test("every_binding_rule_has_a_mutant_or_a_stand_in", || {
            nothing(&uncovered())
        }),
        Trial::test("mutants_and_stand_ins_name_rules_that_exist", || {
            nothing(&unknown())
        }),
        Trial::test("no_two_mutants_have_one_name", || nothing(&doubled())),
    ];
    for mutant in suite.mutants() {
        let meant: Vec<_> = mutant
            .killed_by
            .iter()
            .copied()
            .filter_map(|it| suite.rule(it))
            .collect();
        // With a virtual clock, only what needs one.
        let chosen = |it: &&Backend| {
            !it.has(capability::VirtualTime) || mutant.is_for(capability::VirtualTime)
        };
        for backend in suite.backends.iter().filter(chosen) {
            for case in mutant.cases(backend, &meant) {
                let (key, rule) = (backend.key(), case.rule.id());
                let name = format!("{} on {key} falls to {rule}", mutant.name);
                trials.push(Trial::test(name, move || dies(&case)));
            }
        }
    }
    let mut arguments = Arguments::from_args();
    // A trial mostly waits: for a sleep, or for the watchdog of what hangs.
    arguments.test_threads = arguments
        .test_threads
        .or_else(|| Some(4 * std::thread::available_parallelism().ok()?.get()));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn nothing(found: &[String]) -> Result<(), Failed> {
    match found {
        [] => Ok(()),
        _ => Err(Failed::from(found.join(", "))),
    }
}

/// The rules of the levels `must` and `capability` that nothing turns red, and that are not known to be so.
fn uncovered() -> Vec<String> {
    let meant = suite().mutants().into_iter().flat_map(|it| it.killed_by);
    let exempt = suite().exempt().into_iter().map(|it| it.rule);
    let known: HashSet<&str> = meant.copied().chain(exempt).collect();
    let binding = |level| matches!(level, Level::Must | Level::Capability);
    let rules = suite().rules().into_iter().filter(|it| binding(it.level));
    rules
        .map(|it| it.id())
        .filter(|id| !known.contains(&**id))
        .collect()
}

fn unknown() -> Vec<String> {
    let meant = suite().mutants().into_iter().flat_map(|it| it.killed_by);
    let exempt = suite().exempt().into_iter().map(|it| it.rule);
    let named = meant
        .copied()
        .chain(exempt)
        .filter(|id| suite().rule(id).is_none());
    named.map(str::to_owned).collect()
}

fn doubled() -> Vec<String> {
    let mut seen = HashSet::new();
    let names = suite().mutants().into_iter().map(|it| it.name);
    names
        .filter(|it| !seen.insert(*it))
        .map(str::to_owned)
        .collect()
}

fn dies(case: &Case) -> Result<(), Failed> {
    let runner = Runner {
        limit: Duration::from_secs(5),
        ..Runner::default()
    };
    let outcome = runner.run_mutant(case);
    match outcome.status {
        Status::Fail if is_mute(&outcome.reason) => Err(Failed::from(format!(
            "it hangs, and nobody learns where: {}",
            outcome.reason
        ))),
        Status::Fail => Ok(()),
        other => Err(Failed::from(format!(
            "it survives: {other:?} {}",
            outcome.reason
        ))),
    }
}

/// Whether a hang was reported without a word about what the rule was waiting for.
fn is_mute(reason: &str) -> bool {
    reason.starts_with("hung: no result") && !reason.contains("last step: ")
}
