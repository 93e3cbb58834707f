//! The page, out of what the cases gave.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use anyrt_conformance::glob;
use anyrt_conformance::{Case, Level, Outcome, Status};

use crate::missing::noted;
use crate::notes::NOTES;

/// What became of a rule on a layer.
#[derive(Clone, PartialEq, Eq)]
enum End {
    Holds,
    /// With what was seen.
    Breaks(String),
    /// With what was seen, in some of three runs.
    Unsteady(String),
    /// For want of these.
    NotOffered(BTreeSet<String>),
    /// It asks for more than any hand-written layer can have in the suite.
    NotApplicable,
    Recorded,
}

fn end(case: &Case, outcome: &Outcome, is_steady: bool) -> End {
    let missing = noted(case.backend.key(), &case.rule.id());
    match outcome.status {
        Status::NotApplicable => End::NotApplicable,
        _ if !missing.is_empty() => End::NotOffered(missing),
        Status::Recorded => End::Recorded,
        Status::Pass => End::Holds,
        _ if !is_steady => End::Unsteady(outcome.reason.clone()),
        Status::Fail | Status::Deviation => End::Breaks(outcome.reason.clone()),
    }
}

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Tasks,
    Sockets,
}

impl About {
    fn head(self) -> &'static str {
        match self {
            Self::Tasks => include_str!("page/head.md"),
            Self::Sockets => include_str!("page/sockets.md"),
        }
    }

    /// The packages whose versions matter.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Tasks => &[
                "agnostic-lite",
                "async_executors",
                "async-rs",
                "tokio",
                "smol",
                "async-std",
                "async-executor",
                "async-task",
                "async-io",
            ],
            Self::Sockets => &["agnostic-net", "tokio", "smol", "async-net", "async-io"],
        }
    }
}

/// The page as Markdown.
pub(crate) fn page(
    about: About,
    cases: &[Case],
    outcomes: &[Outcome],
    steady: &[bool],
    date: &str,
) -> String {
    let mut keys: Vec<String> = Vec::new();
    let mut rules: Vec<(&Case, BTreeMap<String, End>)> = Vec::new();
    for ((case, outcome), &is_steady) in cases.iter().zip(outcomes).zip(steady) {
        let key = case.backend.key().to_owned();
        if !keys.contains(&key) {
            keys.push(key.clone());
        }
        if rules
            .last()
            .is_none_or(|(last, _)| last.rule.id() != case.rule.id())
        {
            rules.push((case, BTreeMap::new()));
        }
        if let Some((_, ends)) = rules.last_mut() {
            ends.insert(key, end(case, outcome, is_steady));
        }
    }
    let mut text = String::new();
    let page = Page { about, keys, rules };
    page.write(&mut text, date)
        .expect("a string takes any text");
    text
}

struct Page<'a> {
    about: About,
    keys: Vec<String>,
    rules: Vec<(&'a Case, BTreeMap<String, End>)>,
}

impl Page<'_> {
    fn write(&self, out: &mut String, date: &str) -> fmt::Result {
        let head = self.about.head().replace("{date}", date);
        let rules = self.rules.len().to_string();
        writeln!(out, "{}", head.replace("{rules}", &rules))?;
        versions(out, self.about.packages())?;
        self.counts(out)?;
        self.not_offered(out)?;
        self.broken(out)?;
        self.matrix(out)
    }

    fn counts(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "## Counts\n")?;
        writeln!(
            out,
            "| layer and runtime | holds | breaks | of these `must` | breaks sometimes | needs what is not offered | not applicable | recorded |"
        )?;
        writeln!(out, "| --- | --: | --: | --: | --: | --: | --: | --: |")?;
        for key in &self.keys {
            let count = |is: &dyn Fn(&Case, &End) -> bool| {
                let rules = self.rules.iter();
                rules.filter(|(case, ends)| is(case, &ends[key])).count()
            };
            writeln!(
                out,
                "| {key} | {} | {} | {} | {} | {} | {} | {} |",
                count(&|_, end| *end == End::Holds),
                count(&|_, end| matches!(end, End::Breaks(_))),
                count(&|case, end| matches!(end, End::Breaks(_)) && case.rule.level == Level::Must),
                count(&|_, end| matches!(end, End::Unsteady(_))),
                count(&|_, end| matches!(end, End::NotOffered(_))),
                count(&|_, end| *end == End::NotApplicable),
                count(&|_, end| *end == End::Recorded),
            )?;
        }
        writeln!(out)
    }

    fn not_offered(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "## What is not offered\n")?;
        writeln!(
            out,
            "What the rules asked for and the layer has no operation for, with the number of rules that could not be asked.\n"
        )?;
        for key in &self.keys {
            let mut wants: BTreeMap<&str, usize> = BTreeMap::new();
            for (_, ends) in &self.rules {
                if let End::NotOffered(missing) = &ends[key] {
                    for want in missing {
                        *wants.entry(want).or_default() += 1;
                    }
                }
            }
            let wants: Vec<_> = wants
                .iter()
                .map(|(want, n)| format!("{want} ({n})"))
                .collect();
            writeln!(
                out,
                "- **{key}**: {}.",
                if wants.is_empty() {
                    "nothing".to_owned()
                } else {
                    wants.join(", ")
                }
            )?;
        }
        writeln!(out)
    }

    fn broken(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "## Rules that are broken\n")?;
        for (case, ends) in &self.rules {
            let breaks = |key: &&String| matches!(ends[*key], End::Breaks(_));
            let broken: Vec<_> = self.keys.iter().filter(breaks).collect();
            if broken.is_empty() {
                continue;
            }
            let id = case.rule.id();
            writeln!(out, "### `{id}` ({})\n", case.rule.level)?;
            writeln!(out, "{}\n", case.rule.sentence())?;
            for key in broken {
                let End::Breaks(seen) = &ends[key] else {
                    continue;
                };
                writeln!(out, "- {key}: {} — {}", cause(key, &id), quoted(seen))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn matrix(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "## Every rule\n")?;
        writeln!(
            out,
            "`+` holds, `x` breaks, `?` breaks in some of three runs, `.` needs what the layer does not offer, `i` recorded and not judged; a rule that applies to none is left out.\n"
        )?;
        writeln!(out, "| rule | {} |", self.keys.join(" | "))?;
        writeln!(out, "| --- |{}", " :-: |".repeat(self.keys.len()))?;
        for (case, ends) in &self.rules {
            let marks: Vec<_> = self.keys.iter().map(|key| mark(&ends[key])).collect();
            if marks.iter().any(|mark| !mark.is_empty()) {
                writeln!(out, "| `{}` | {} |", case.rule.id(), marks.join(" | "))?;
            }
        }
        Ok(())
    }
}

/// The versions under test, as the workspace has locked them.
fn versions(out: &mut String, packages: &[&str]) -> fmt::Result {
    const LOCK: &str = include_str!("../../../Cargo.lock");
    writeln!(out, "## Versions\n")?;
    for package in packages {
        let after = LOCK
            .split(&format!("name = \"{package}\"\nversion = \""))
            .nth(1);
        let version = after.and_then(|it| it.split('"').next());
        writeln!(out, "- {package} {}", version.unwrap_or("?"))?;
    }
    writeln!(out)
}

fn mark(end: &End) -> &'static str {
    match end {
        End::Holds => "+",
        End::Breaks(_) => "x",
        End::Unsteady(_) => "?",
        End::NotOffered(_) => ".",
        End::NotApplicable => "",
        End::Recorded => "i",
    }
}

/// What the layer's source says.
fn cause(key: &str, id: &str) -> &'static str {
    let fits = |globs: &[&str]| globs.iter().any(|it| glob(it, id));
    let note = NOTES
        .iter()
        .find(|note| glob(note.backend, key) && fits(note.rules));
    note.map_or("not traced to a line of the layer's source", |note| {
        note.cause
    })
}

/// What was seen, on one line and without what a page must not hold.
fn quoted(seen: &str) -> String {
    let seen = seen.split("; last words").next().unwrap_or_default();
    let words: Vec<_> = seen.split_whitespace().collect();
    let mut line = words.join(" ").replace('`', "'");
    if line.chars().count() > 160 {
        line = line.chars().take(159).collect::<String>() + "…";
    }
    format!("seen: `{line}`")
}
