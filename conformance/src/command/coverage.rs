//! `conformance coverage`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use clap::Args;
use serde_json::json;

use super::Format;
use crate::{Suite, glob};

/// Which operation each rule asks for, as `checks/tests/asked.rs` found it with the compiler.
const OPERATIONS: &str = include_str!("../../operations.txt");

/// What the command takes.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Only the operations whose name matches, as in `JoinHandle::*`. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) operation: Vec<String>,
    /// How to print it: as a table, or for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// One line of the table.
struct Operation<'a> {
    /// The crate's name.
    krate: &'a str,
    name: &'a str,
    asked: Asked<'a>,
    /// The mutants that one of its rules is meant to notice.
    mutants: BTreeSet<&'static str>,
}

/// Who asks for an operation.
enum Asked<'a> {
    /// These rules.
    By(Vec<&'a str>),
    /// So many that they are not listed.
    ByMany(usize),
    /// None, and why.
    Not(&'a str),
}

impl Asked<'_> {
    fn count(&self) -> usize {
        match self {
            Self::By(rules) => rules.len(),
            Self::ByMany(count) => *count,
            Self::Not(_) => 0,
        }
    }
}

/// The operations whose name matches one of `globs`, or all of them.
fn operations<'a>(suite: &Suite, globs: &[String]) -> Vec<Operation<'a>> {
    let mut killers: BTreeMap<&'static str, BTreeSet<&'static str>> = BTreeMap::new();
    for mutant in suite.mutants() {
        for rule in mutant.killed_by {
            killers.entry(rule).or_default().insert(mutant.name);
        }
    }
    let all: BTreeSet<_> = killers.values().flatten().copied().collect();
    let lines = OPERATIONS.lines().filter_map(|line| {
        let (operation, rest) = line.split_once(": ")?;
        let (krate, name) = operation.split_once(' ')?;
        let (asked, mutants) = if let Some(reason) = rest.strip_prefix("- ") {
            (Asked::Not(reason), BTreeSet::new())
        } else if let Some(many) = rest.strip_suffix(" rules") {
            (Asked::ByMany(many.parse().ok()?), all.clone())
        } else {
            let rules: Vec<_> = rest.split(' ').collect();
            let mutants = rules.iter().filter_map(|rule| killers.get(rule));
            let mutants = mutants.flatten().copied().collect();
            (Asked::By(rules), mutants)
        };
        Some(Operation {
            krate,
            name,
            asked,
            mutants,
        })
    });
    let matches =
        |it: &Operation<'_>| globs.is_empty() || globs.iter().any(|glob_| glob(glob_, it.name));
    lines.filter(matches).collect()
}

/// The names of all operations.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let operations = OPERATIONS.lines().filter_map(|it| it.split_once(": "));
    operations.filter_map(|(it, _)| it.split_once(' ').map(|(_, name)| name))
}

/// Runs the command: what it prints.
pub(crate) fn run(chosen: &Arguments, suite: &Suite) -> String {
    let operations = operations(suite, &chosen.operation);
    match chosen.format {
        Format::Json => json(&operations),
        Format::Html => section(&operations),
        Format::Table | Format::Junit => table(&operations),
    }
}

/// The page `page` with the table of all operations before its end.
pub(crate) fn put_into(page: &str, suite: &Suite) -> String {
    const BEFORE: &str = "<h2>Where this comes from</h2>";
    let section = section(&operations(suite, &[]));
    page.replacen(BEFORE, &format!("{section}{BEFORE}"), 1)
}

/// One sentence: how many operations there are, and how many of them are asked for.
fn summary(operations: &[Operation<'_>]) -> String {
    let asked = operations.iter().filter(|it| it.asked.count() > 0).count();
    let once = operations.iter().filter(|it| it.asked.count() == 1).count();
    let unbroken = operations
        .iter()
        .filter(|it| it.asked.count() > 0 && it.mutants.is_empty())
        .count();
    format!(
        "{} operations: {asked} are asked for by rules, {once} of them by one, and {} by none, for the reason given; \
         {unbroken} are asked for and no mutant is meant for any of their rules",
        operations.len(),
        operations.len() - asked,
    )
}

fn table(operations: &[Operation<'_>]) -> String {
    let width = operations.iter().map(|it| it.name.len()).max();
    let width = width.unwrap_or_default();
    let mut out = String::new();
    let mut krate = "";
    for it in operations {
        if it.krate != krate {
            krate = it.krate;
            _ = writeln!(out, "{krate:<width$}    rules  mutants");
        }
        _ = match &it.asked {
            Asked::Not(reason) => writeln!(out, "  {:<width$}      —        —  {reason}", it.name),
            Asked::By(rules) if rules.len() <= 3 => writeln!(
                out,
                "  {:<width$}  {:>5}  {:>7}  {}",
                it.name,
                rules.len(),
                it.mutants.len(),
                rules.join(" ")
            ),
            asked => writeln!(
                out,
                "  {:<width$}  {:>5}  {:>7}",
                it.name,
                asked.count(),
                it.mutants.len()
            ),
        };
    }
    _ = writeln!(out, "\n{}", summary(operations));
    out
}

fn json(operations: &[Operation<'_>]) -> String {
    let list = operations.iter().map(|it| {
        let rules = match &it.asked {
            Asked::By(rules) => json!(rules),
            Asked::ByMany(_) | Asked::Not(_) => json!(null),
        };
        let reason = match it.asked {
            Asked::Not(reason) => Some(reason),
            Asked::By(_) | Asked::ByMany(_) => None,
        };
        json!({
            "crate": it.krate,
            "operation": it.name,
            "count": it.asked.count(),
            "rules": rules,
            "mutants": it.mutants,
            "not_asked_because": reason,
        })
    });
    let list: Vec<_> = list.collect();
    let text = serde_json::to_string_pretty(&list);
    text.expect("texts and numbers are valid JSON") + "\n"
}

fn section(operations: &[Operation<'_>]) -> String {
    let mut out = format!(
        "<h2>Operations</h2>\n<p>{}.</p>\n<details><summary>Which rules ask for which operation</summary>\n<table>\n\
         <tr><th>operation</th><th>rules</th><th>mutants</th><th></th></tr>\n",
        summary(operations)
    );
    for it in operations {
        let text = match &it.asked {
            Asked::Not(reason) => reason.replace('`', ""),
            Asked::By(rules) => rules.join(" "),
            Asked::ByMany(_) => String::from("most rules"),
        };
        _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{text}</td></tr>",
            it.name,
            it.asked.count(),
            it.mutants.len()
        );
    }
    out + "</table>\n</details>\n"
}
