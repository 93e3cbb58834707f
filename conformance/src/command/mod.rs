//! The command line.

mod coverage;
mod differential;
mod mutants;
mod nearest;
mod origin;
mod progress;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::json;

use self::nearest::nearest;
use self::origin::origin;
use crate::report::{
    Counts, Expected, Look, RuleReport, Summary, change_table, changes, grown, html, junit, table,
};
use crate::{Backend, Case, Outcome, Plan, Report, Rule, Runner, Status, Suite, cases, glob, kit};

/// Runs every rule of the specification on every backend, and prints the matrix.
#[derive(Parser, Debug)]
#[command(name = "conformance", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Only the backends whose key matches; `*` and `?` stand for any text and any character. May be repeated
    #[arg(long, value_name = "GLOB")]
    backend: Vec<String>,
    /// Only the rules whose id matches, or whose name as the matrix prints it. May be repeated
    #[arg(long, value_name = "GLOB")]
    rule: Vec<String>,
    /// List the rules and the backends, and run nothing; with `--format json` for programs, with `html` as a page
    #[arg(long)]
    list: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write the results to a file instead of the standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A twentieth of the work, in more processes at once: for a look in between
    #[arg(long)]
    quick: bool,
    /// How many cases run at once [default: twice the number of processors, and with --quick four times]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How many seconds a case may take before it counts as hung
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Run the cases one after another in this process, for debuggers
    #[arg(long)]
    no_isolation: bool,
    /// Break one thing in every chosen backend; see `conformance mutants`
    #[arg(long, value_name = "NAME", hide = true)]
    mutant: Option<String>,
    /// Fail if a backend has more deviations or not-applicable cells than this file announces
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write the file that `--expect` reads; with `--list`, from the declarations alone
    #[arg(long, value_name = "FILE")]
    announce: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Print what a rule says, what it is for, and what to check if it fails
    Explain {
        /// The id of the rule, as in `join::dropping_the_handle_detaches`, its name as in the matrix, or a glob
        rule: String,
    },
    /// Print which rules ask for which public operation, and how many mutants are meant for these rules
    Coverage(coverage::Arguments),
    /// Run random programs on every backend, and compare what comes out with what may
    Differential(differential::Arguments),
    /// Break one thing after another, and print whether the rules that are meant for it notice
    Mutants(mutants::Arguments),
    /// Print what changed from one report to another, both made with `--format json`; the status is 1 if anything got worse
    Diff {
        /// The older report
        old: PathBuf,
        /// The newer report
        new: PathBuf,
    },
}

/// How much of the work `--quick` does.
const QUICK: f64 = 0.05;

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// The matrix, with the reasons below
    Table,
    /// For programs
    Json,
    /// For build servers
    Junit,
    /// A page with the matrix, filters and the texts of the rules, in one file
    Html,
}

/// Why the command ends early: it prints this and exits with the status 2.
#[derive(Debug)]
struct Misuse(String);

/// Runs the command `conformance` on the rules and backends of `suite`.
///
/// The status is 0 only if every case holds or is declared, 1 if one does not, and 2 if the command was misused.
pub fn main(suite: &Suite) -> ExitCode {
    if let Some(code) = crate::child(suite) {
        return code;
    }
    match run(&Arguments::parse(), suite) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Misuse(message)) => {
            eprintln!("conformance: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments, suite: &Suite) -> Result<bool, Misuse> {
    if let Some(Command::Explain { rule }) = &arguments.command {
        print(&explain(&choose_rules(std::slice::from_ref(rule), suite)?))?;
        return Ok(true);
    }
    if let Some(Command::Coverage(chosen)) = &arguments.command {
        for typed in &chosen.operation {
            if !coverage::names().any(|name| glob(typed, name)) {
                let names = coverage::names().map(str::to_owned);
                return Err(unknown("operation", typed, names));
            }
        }
        print(&coverage::run(chosen, suite))?;
        return Ok(true);
    }
    if let Some(Command::Differential(chosen)) = &arguments.command {
        let backends = choose_mutated(&chosen.backend, suite)?;
        let (text, agree) = differential::run(chosen, &backends);
        print(&text)?;
        return Ok(agree);
    }
    if let Some(Command::Diff { old, new }) = &arguments.command {
        let changes = changes(&read_report(old)?, &read_report(new)?);
        print(&change_table(&changes, look(false)))?;
        return Ok(!changes.iter().any(|it| it.kind.is_worse()));
    }
    if let Some(Command::Mutants(chosen)) = &arguments.command {
        let (text, killed) = break_things(chosen, suite)?;
        print(&text)?;
        return Ok(killed);
    }
    if arguments.quick {
        kit::set_scale(QUICK);
    }
    let backends = choose_backends(&arguments.backend, suite)?;
    let backends = break_all(backends, arguments.mutant.as_deref(), suite)?;
    let rules = choose_rules(&arguments.rule, suite)?;
    check_declarations(&backends, suite)?;
    if arguments.list {
        give(arguments, &list(arguments.format, &rules, &backends)?)?;
        if let Some(path) = &arguments.announce {
            announce(path, &declared(&backends, &rules))?;
        }
        return Ok(true);
    }
    let expected = arguments.expect.as_deref().map(read_expected).transpose()?;

    let report = measure(arguments, &backends, &rules);
    show(arguments, &report, &backends, &rules, suite)?;
    if let Some(path) = &arguments.announce {
        announce(path, &report)?;
    }
    let grown = expected.map(|it| grown(&it, &report)).unwrap_or_default();
    for sentence in &grown {
        eprintln!("conformance: {sentence}: announce it with --announce if it is meant");
    }
    Ok(report.holds() && grown.is_empty())
}

/// Writes the file that `--expect` reads.
fn announce(path: &Path, report: &Report) -> Result<(), Misuse> {
    let json = serde_json::to_string_pretty(&report.announce());
    let json = json.expect("texts and numbers are valid JSON");
    write(path, &(json + "\n"))
}

/// The report of a run in which every case ends as it is declared.
fn declared(backends: &[Backend], rules: &[Rule]) -> Report {
    let cases = cases(backends, rules);
    let outcome = |case: &Case| Outcome {
        status: match case.plan() {
            Plan::Holds => Status::Pass,
            Plan::NotApplicable(_) | Plan::Unclaimed(_) => Status::NotApplicable,
            Plan::Deviates(_) => Status::Deviation,
        },
        reason: String::new(),
        millis: 0,
    };
    let outcomes = cases.iter().map(outcome).collect();
    Report::new(&cases, outcomes)
}

fn break_things(chosen: &mutants::Arguments, suite: &Suite) -> Result<(String, bool), Misuse> {
    let mut backends = choose_backends(&chosen.backend, suite)?;
    if chosen.backend.is_empty() {
        backends = mutants::default_backends(&backends);
    }
    let every = suite.mutants();
    let broken = choose(&chosen.mutant, &every, "mutant", |it| it.name.to_owned())?;
    Ok(mutants::run(chosen, suite, &broken, &backends))
}

/// Runs the cases, with a progress bar on a terminal.
fn measure(arguments: &Arguments, backends: &[Backend], rules: &[Rule]) -> Report {
    let jobs = Runner::default().jobs * if arguments.quick { 2 } else { 1 };
    let runner = Runner {
        isolated: !arguments.no_isolation,
        jobs: arguments.jobs.map_or(jobs, usize::from),
        limit: Duration::from_secs(arguments.timeout),
    };
    let cases = cases(backends, rules);
    let bar = progress::progress(cases.len() as u64);
    let outcomes = runner.run(&cases, |case, _| {
        bar.set_message(format!("{} on {}", case.rule.id(), case.backend.key()));
        bar.inc(1);
    });
    bar.finish_and_clear();
    Report::new(&cases, outcomes)
}

fn show(
    arguments: &Arguments,
    report: &Report,
    backends: &[Backend],
    rules: &[Rule],
    suite: &Suite,
) -> Result<(), Misuse> {
    let text = match arguments.format {
        Format::Table => {
            let keys: Vec<_> = backends.iter().map(|it| it.key().to_owned()).collect();
            table(report, &keys, look(arguments.out.is_some()))
        }
        Format::Json => report.to_json(),
        Format::Junit => junit(report),
        Format::Html => {
            let keys: Vec<_> = backends.iter().map(|it| it.key().to_owned()).collect();
            coverage::put_into(&html(report, &keys, rules, &origin()), suite)
        }
    };
    give(arguments, &text)
}

/// Writes `text` to where the arguments say.
fn give(arguments: &Arguments, text: &str) -> Result<(), Misuse> {
    match &arguments.out {
        Some(path) => write(path, text),
        None => print(text),
    }
}

fn look(to_file: bool) -> Look {
    let silent = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
        || std::env::var_os("TERM").is_some_and(|it| it == "dumb");
    Look {
        width: if to_file { 120 } else { columns() },
        colour: !to_file && !silent && io::stdout().is_terminal(),
    }
}

fn choose_backends(globs: &[String], suite: &Suite) -> Result<Vec<Backend>, Misuse> {
    if suite.backends.is_empty() {
        return Err(Misuse(String::from(
            "no backend is compiled in: turn on a feature, one of `tokio`, `smol`, `async-std`, `compio` and `sim`",
        )));
    }
    choose(globs, &suite.backends, "backend", |it| it.key().to_owned())
}

fn choose_rules(globs: &[String], suite: &Suite) -> Result<Vec<Rule>, Misuse> {
    let every = suite.rules();
    let globs: Vec<_> = globs.iter().map(|it| whole_id(it, &every)).collect();
    choose(&globs, &every, "rule", Rule::id)
}

/// A pattern for ids. The matrix prints names without the family, and cuts long ones with a `…`; both may be typed.
fn whole_id(pattern: &str, every: &[Rule]) -> String {
    let pattern = pattern.replace('…', "*");
    let is_id = every.iter().any(|it| glob(&pattern, &it.id()));
    if !is_id && every.iter().any(|it| glob(&pattern, it.name)) {
        return format!("*::{pattern}");
    }
    pattern
}

/// What matches one of `globs`, or everything if there is none; a glob that matches nothing is an error.
fn choose<T: Clone>(
    globs: &[String],
    all: &[T],
    what: &str,
    name: impl Fn(&T) -> String,
) -> Result<Vec<T>, Misuse> {
    for pattern in globs {
        if !all.iter().any(|it| glob(pattern, &name(it))) {
            return Err(unknown(what, pattern, all.iter().map(&name)));
        }
    }
    let chosen = |it: &&T| globs.is_empty() || globs.iter().any(|glob_| glob(glob_, &name(it)));
    Ok(all.iter().filter(chosen).cloned().collect())
}

/// One line, with the nearest name that exists.
fn unknown(what: &str, typed: &str, names: impl IntoIterator<Item = String>) -> Misuse {
    let names: Vec<_> = names.into_iter().collect();
    // A name without its family may be near to a rule's own.
    let short = |it: &String| match (typed.contains("::"), it.split_once("::")) {
        (false, Some((_, name))) => name.to_owned(),
        _ => it.clone(),
    };
    let candidates = names.iter().flat_map(|it| [it.clone(), short(it)]);
    let near = nearest(typed, candidates)
        .map(|near| format!("; the nearest is `{near}`"))
        .unwrap_or_default();
    let all = match what {
        "mutant" => "`conformance mutants` runs them all",
        "operation" => "`conformance coverage` prints them all",
        _ => "`conformance --list` prints them all",
    };
    Misuse(format!("no {what} matches {typed:?}{near}; {all}"))
}

/// As [`choose_backends`]; what follows a `~` is the name of a mutant, as in the keys of mutated backends.
fn choose_mutated(globs: &[String], suite: &Suite) -> Result<Vec<Backend>, Misuse> {
    if globs.is_empty() {
        return choose_backends(globs, suite);
    }
    let mut chosen = Vec::new();
    for pattern in globs {
        let (pattern, mutant) = match pattern.split_once('~') {
            Some((pattern, mutant)) => (pattern, Some(mutant)),
            None => (&**pattern, None),
        };
        let backends = choose_backends(&[pattern.to_owned()], suite)?;
        chosen.extend(break_all(backends, mutant, suite)?);
    }
    Ok(chosen)
}

fn break_all(
    backends: Vec<Backend>,
    mutant: Option<&str>,
    suite: &Suite,
) -> Result<Vec<Backend>, Misuse> {
    let Some(name) = mutant else {
        return Ok(backends);
    };
    let Some(mutant) = suite.mutant(name) else {
        let every = suite.mutants();
        let names = every.iter().map(|it| it.name.to_owned());
        return Err(unknown("mutant", name, names));
    };
    let missing: Option<Vec<_>> = backends.iter().map(|it| mutant.missing(it)).collect();
    if let Some([missing, ..]) = missing.as_deref() {
        return Err(Misuse(format!(
            "the mutant {name:?} is made of none of the chosen backends: {missing}"
        )));
    }
    let breakable = backends
        .into_iter()
        .filter(|it| mutant.missing(it).is_none());
    Ok(breakable.map(|it| mutant.apply(it)).collect())
}

/// A deviation from a rule that does not exist excuses nothing, and is a mistake.
fn check_declarations(backends: &[Backend], suite: &Suite) -> Result<(), Misuse> {
    for backend in backends {
        for deviation in backend.deviations() {
            if suite.rule(&deviation.rule).is_none() {
                let (key, rule) = (backend.key(), &deviation.rule);
                return Err(Misuse(format!(
                    "{key} deviates from {rule:?}, which is no rule"
                )));
            }
        }
    }
    Ok(())
}

fn explain(rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        let needs: Vec<_> = rule.needs.iter().map(ToString::to_string).collect();
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!(", for backends with {}", needs.join(" and "))
        };
        let _ = write!(
            text,
            "{} ({}{needs})\n\n{}\n\n",
            rule.id(),
            rule.level,
            rule.text()
        );
    }
    text.trim_end().to_owned() + "\n"
}

fn list(format: Format, rules: &[Rule], backends: &[Backend]) -> Result<String, Misuse> {
    match format {
        Format::Table => Ok(list_table(rules, backends)),
        Format::Json => Ok(list_json(rules, backends)),
        Format::Html => {
            let keys: Vec<_> = backends.iter().map(|it| it.key().to_owned()).collect();
            Ok(html(&nothing_ran(rules, &keys), &keys, rules, &origin()))
        }
        Format::Junit => Err(Misuse(String::from(
            "`--list` runs nothing, and junit holds results only: take `--format table`, `json` or `html`",
        ))),
    }
}

fn list_json(rules: &[Rule], backends: &[Backend]) -> String {
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| {
            let needs: Vec<_> = rule.needs.iter().map(ToString::to_string).collect();
            json!({
                "id": rule.id(),
                "family": rule.family,
                "level": rule.level,
                "needs": needs,
                "sentence": rule.sentence(),
            })
        })
        .collect();
    let backends: Vec<_> = backends.iter().map(Backend::key).collect();
    let list = json!({ "rules": rules, "backends": backends });
    serde_json::to_string_pretty(&list).expect("texts are valid JSON") + "\n"
}

/// A report whose cells are empty.
fn nothing_ran(rules: &[Rule], keys: &[String]) -> Report {
    let rules = rules.iter().map(|rule| RuleReport {
        id: rule.id(),
        level: rule.level,
        family: rule.family.to_owned(),
        results: Default::default(),
    });
    let counts = keys.iter().map(|it| (it.clone(), Counts::default()));
    Report {
        rules: rules.collect(),
        summary: Summary {
            total: Counts::default(),
            backends: counts.collect(),
        },
    }
}

fn list_table(rules: &[Rule], backends: &[Backend]) -> String {
    let mut text = String::new();
    let wide = rules.iter().map(|it| it.id().len()).max().unwrap_or(0);
    for rule in rules {
        let _ = writeln!(
            text,
            "{:10} {:wide$}  {}",
            rule.level,
            rule.id(),
            rule.sentence()
        );
    }
    let _ = writeln!(
        text,
        "\n{} rules on {} backends:",
        rules.len(),
        backends.len()
    );
    for backend in backends {
        let _ = writeln!(text, "  {}", backend.key());
    }
    text
}

fn read_expected(path: &Path) -> Result<Expected, Misuse> {
    let made_by = "what `conformance --announce FILE` writes";
    serde_json::from_str(&read(path)?).map_err(|error| no_such_file(path, made_by, &error))
}

fn read_report(path: &Path) -> Result<Report, Misuse> {
    let made_by = "a report, as `conformance --format json --out FILE` writes it";
    Report::from_json(&read(path)?).map_err(|error| no_such_file(path, made_by, &error))
}

fn read(path: &Path) -> Result<String, Misuse> {
    fs::read_to_string(path).map_err(|error| Misuse(format!("{}: {error}", path.display())))
}

fn no_such_file(path: &Path, wanted: &str, error: &serde_json::Error) -> Misuse {
    Misuse(format!("{} is not {wanted}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), Misuse> {
    let written = fs::write(path, text);
    written.map_err(|error| Misuse(format!("{}: {error}", path.display())))
}

/// Prints `text`; a reader that has gone away is no error.
fn print(text: &str) -> Result<(), Misuse> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Misuse(format!("the standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// How wide the terminal is; 120 where there is none, unless `COLUMNS` says otherwise.
fn columns() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|it| it.parse().ok());
    let size = console::Term::stdout().size_checked();
    said.unwrap_or_else(|| size.map_or(120, |(_, columns)| usize::from(columns)))
}
