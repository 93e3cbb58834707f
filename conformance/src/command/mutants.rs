//! `conformance mutants`.

use std::fmt::Write;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::progress::progress;
use crate::backends::WallClock;
use crate::{Backend, Case, Mutant, Outcome, Rule, Runner, Status, Suite, capability, kit};

/// How much of their work the rules do: enough to notice, and then far from the limit while they hold.
const SCALE: f64 = 0.2;

/// What the command takes.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Only the mutants whose name matches. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) mutant: Vec<String>,
    /// Break the backends whose key matches [default: one whose tasks are `Send`, and a local one]. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) backend: Vec<String>,
    /// Run every rule under each mutant, not only those that are meant to notice, and print which others did
    #[arg(long)]
    full: bool,
    /// How many cases run at once [default: four times the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How many seconds a case may take before it counts as hung, and so as noticed
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
}

/// What is broken unless the command says otherwise: the first backend of either kind that is started for each case.
pub(crate) fn default_backends(all: &[Backend]) -> Vec<Backend> {
    let first = |kind| {
        let owned = |it: &&Backend| it.has(kind) && it.has(capability::Owned);
        all.iter().find(owned)
    };
    let chosen = [
        first(capability::Shared),
        first(capability::Local),
        first(capability::VirtualTime),
        all.iter().find(|it| it.has(WallClock)),
    ];
    let mut chosen: Vec<Backend> = chosen.into_iter().flatten().cloned().collect();
    chosen.dedup_by(|one, other| one.key() == other.key());
    chosen
}

/// Whether `mutant` is tried on `backend` unless the command says otherwise: with a virtual clock, only what needs one.
pub(crate) fn is_for(mutant: &Mutant, backend: &Backend) -> bool {
    !backend.has(capability::VirtualTime) || mutant.is_for(capability::VirtualTime)
}

/// Runs the command: what it prints, and whether every mutant was killed.
pub(crate) fn run(
    arguments: &Arguments,
    suite: &Suite,
    mutants: &[Mutant],
    backends: &[Backend],
) -> (String, bool) {
    kit::set_scale(SCALE);
    let every = suite.rules();
    let mut cases = Vec::new();
    let mut owners = Vec::new();
    for (owner, mutant) in mutants.iter().enumerate() {
        let meant: Vec<Rule> = mutant
            .killed_by
            .iter()
            .filter_map(|it| suite.rule(it))
            .collect();
        let rules = if arguments.full { &every } else { &meant };
        let chosen = |it: &&Backend| arguments.backend.iter().len() > 0 || is_for(mutant, it);
        for backend in backends.iter().filter(chosen) {
            cases.extend(mutant.cases(backend, rules));
        }
        owners.resize(cases.len(), owner);
    }
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let runner = Runner {
        isolated: true,
        jobs: arguments.jobs.map_or(4 * processors, usize::from),
        limit: Duration::from_secs(arguments.timeout),
    };
    let bar = progress(cases.len() as u64);
    let mut outcomes = runner.run(&cases, |case, _| {
        bar.set_message(format!("{} on {}", case.rule.id(), case.backend.key()));
        bar.inc(1);
    });
    bar.finish_and_clear();
    for ((case, &owner), outcome) in cases.iter().zip(&owners).zip(&mut outcomes) {
        let is_meant = mutants[owner].killed_by.contains(&&*case.rule.id());
        if is_meant && !is_red(outcome) {
            *outcome = runner.run_mutant(case);
        }
    }

    let (mut text, mut killed) = (String::new(), 0);
    for (owner, mutant) in mutants.iter().enumerate() {
        let of = owners.iter().zip(cases.iter().zip(&outcomes));
        let own = of.filter(|it| *it.0 == owner).map(|it| it.1);
        let (row, dead) = row(mutant, &own.collect::<Vec<_>>());
        text += &row;
        killed += usize::from(dead);
    }
    let all = mutants.len();
    line(&mut text, &format!("\n{killed} of {all} mutants killed"));
    (text, killed == all)
}

/// What is printed of one mutant, and whether every rule that is meant for it turned red wherever it applies.
fn row(mutant: &Mutant, ran: &[(&Case, &Outcome)]) -> (String, bool) {
    let (mut meant, mut survived) = (String::new(), String::new());
    for &rule in mutant.killed_by {
        let of: Vec<_> = ran.iter().filter(|it| it.0.rule.id() == rule).collect();
        let alive: Vec<_> = of.iter().filter(|it| !is_red(it.1)).collect();
        if of.is_empty() {
            line(
                &mut survived,
                &format!("    {rule} applies to no chosen backend"),
            );
        }
        for (case, outcome) in &alive {
            let (key, reason) = (case.backend.key(), &outcome.reason);
            line(
                &mut survived,
                &format!("    {rule} holds on {key} {reason}"),
            );
        }
        let mark = if of.is_empty() || !alive.is_empty() {
            '✗'
        } else {
            '✓'
        };
        line(&mut meant, &format!("    {mark} {rule}"));
    }
    let dead = survived.is_empty();
    let verdict = if dead { "killed" } else { "survived" };
    let mut text = String::new();
    line(
        &mut text,
        &format!("{verdict:8}  {}: {}", mutant.name, mutant.breaks),
    );
    text += &meant;
    text += &survived;
    let other =
        |it: &&(&Case, &Outcome)| is_red(it.1) && !mutant.killed_by.contains(&&*it.0.rule.id());
    let mut others: Vec<_> = ran.iter().filter(other).map(|it| it.0.rule.id()).collect();
    others.sort();
    others.dedup();
    if !others.is_empty() {
        line(&mut text, &format!("    also red: {}", others.join(", ")));
    }
    (text, dead)
}

fn is_red(outcome: &Outcome) -> bool {
    outcome.status == Status::Fail
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{}", line.trim_end()).expect("a string takes any text");
}
