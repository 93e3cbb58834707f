//! `conformance differential`.

use std::fmt::Write;
use std::time::Duration;

use clap::Args;

use super::progress::progress;
use crate::{Backend, capability};
use anyrt_conformance_differential::{Program, Search, rust_code};

/// What the command takes.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Only the backends whose key matches; after a `~`, the name of a mutant. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) backend: Vec<String>,
    /// The first seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many seeds, one after another
    #[arg(long, value_name = "N", default_value_t = 200)]
    iterations: u64,
    /// How many processes run at once [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How many seconds a program may take before it counts as hung
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Run the programs in this process, for debuggers
    #[arg(long)]
    no_isolation: bool,
    /// Print the programs of the seeds as Rust code, and run nothing
    #[arg(long)]
    print: bool,
}

/// Runs the command on `backends`: what it prints, and whether everything agrees.
pub(crate) fn run(arguments: &Arguments, backends: &[Backend]) -> (String, bool) {
    let default = Search::default();
    let search = Search {
        seed: arguments.seed,
        iterations: arguments.iterations,
        isolated: !arguments.no_isolation,
        jobs: arguments.jobs.map_or(default.jobs, usize::from),
        limit: Duration::from_secs(arguments.timeout),
    };
    if arguments.print {
        return (print(&search, backends), true);
    }
    let bar = progress(search.iterations.saturating_mul(backends.len() as u64));
    let findings = search.run(backends, |backend, ran| {
        bar.set_message(backend.key().to_owned());
        bar.inc(ran);
    });
    bar.finish_and_clear();
    let mut text = String::new();
    for finding in &findings {
        let steps = finding.program.len();
        let of = Program::random(finding.seed).len();
        writeln!(text, "{}", finding.rust_code()).expect("a string takes any text");
        writeln!(text, "// {steps} of {of} steps are left.\n").expect("a string takes any text");
    }
    let (programs, all) = (search.iterations, backends.len());
    let differ: Vec<_> = findings.iter().map(|it| &*it.backend).collect();
    let end = match &differ[..] {
        [] => String::from("all agree with the model"),
        _ => format!("a program differs on {}", differ.join(", ")),
    };
    writeln!(text, "{programs} programs on {all} backends: {end}")
        .expect("a string takes any text");
    (text, findings.is_empty())
}

fn print(search: &Search, backends: &[Backend]) -> String {
    let local = backends.iter().all(|it| it.has(capability::Local));
    let seeds = search.seed..search.seed.saturating_add(search.iterations);
    let each = |seed| {
        format!(
            "// Seed {seed}.\n{}",
            rust_code(&Program::random(seed), local)
        )
    };
    seeds.map(each).collect::<Vec<_>>().join("\n")
}
