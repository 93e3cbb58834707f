//! The pages that are generated from the rules of the conformance suite: `docs/semantics.md` and the table in the manual.
//!
//! `ANYRT_BLESS=1 cargo test -p anyrt-checks --test manual_semantics` writes them.

#[path = "manual/bare_runtimes.rs"]
mod bare_runtimes;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyrt_checks::workspace;
use anyrt_conformance::{Capability, Rule, Suite, specifications};
use bare_runtimes::{FACTS, SHORT, VERSIONS};

const PAGE: &str = "docs/semantics.md";
const TABLE: &str = "anyrt/src/manual/meaning_table.md";

#[test]
fn the_semantics_page_is_fresh() {
    workspace::assert_fresh(PAGE, &page(&rules()));
}

#[test]
fn the_table_in_the_manual_is_fresh() {
    workspace::assert_fresh(TABLE, &table(&rules()));
}

#[test]
fn every_fact_belongs_to_a_rule_and_is_told_once() {
    let ids: BTreeSet<_> = rules().iter().map(Rule::id).collect();
    let mut told = BTreeSet::new();
    for (id, _) in FACTS {
        assert!(ids.contains(*id), "there is no rule {id}");
        assert!(told.insert(id), "{id} has two facts");
    }
}

/// A line that promises something of a bare runtime in the short table has its fact.
#[test]
fn the_short_table_names_rules_with_facts() {
    for (operation, _, id) in SHORT {
        assert!(fact(id).is_some(), "{operation}: {id} has no fact");
    }
}

fn rules() -> Vec<Rule> {
    Suite::new(specifications(), []).rules()
}

fn fact(id: &str) -> Option<&'static str> {
    let found = FACTS.iter().find(|(rule, _)| *rule == id);
    found.map(|(_, fact)| *fact)
}

fn table(rules: &[Rule]) -> String {
    let mut text = String::from(
        "| operation | through anyrt, everywhere | on bare runtimes | rule |\n| --- | --- | --- | --- |\n",
    );
    for (operation, here, id) in SHORT {
        let rule = rules.iter().find(|rule| rule.id() == *id);
        let id = rule.expect("checked by a test").id();
        let fact = fact(&id).expect("checked by a test");
        let _ = writeln!(text, "| {operation} | {here} | {fact} | `{id}` |");
    }
    let _ = write!(text, "\nObserved by running each directly: {VERSIONS}.\n");
    text
}

fn page(rules: &[Rule]) -> String {
    let families: Vec<_> = rules.chunk_by(|a, b| a.family == b.family).collect();
    let mut text = String::from(
        "# What every operation means\n\n\
         <!-- Generated from the rules in conformance/src; see checks/tests/manual_semantics.rs. Do not edit. -->\n\n\
         Every sentence here is a rule of the conformance suite, and the suite runs each on every backend. *must* holds \
         everywhere;\n*capability* holds wherever the backend can do what the rule needs; *should* holds, or is a deviation \
         that the backend\ndeclares with its reason; *info* is recorded and not judged. `conformance explain RULE` prints the \
         same text.\n\n",
    );
    let _ = write!(
        text,
        "Where a bare runtime does something else, the rule says so. That was observed by running each directly:\n{VERSIONS}.\n\n"
    );
    text.push_str("| family | rules |\n| --- | --- |\n");
    for family in &families {
        let _ = writeln!(
            text,
            "| [{0}](#{0}) | {1} |",
            family[0].family,
            family.len()
        );
    }
    for family in families {
        let _ = write!(text, "\n## {}\n", family[0].family);
        for rule in family {
            let _ = write!(
                text,
                "\n### `{}`\n\n*{}*{}\n\n{}\n",
                rule.id(),
                rule.level,
                needs(rule),
                prose(rule)
            );
            if let Some(fact) = fact(&rule.id()) {
                let _ = write!(text, "\nOn bare runtimes: {fact}.\n");
            }
        }
    }
    text
}

fn needs(rule: &Rule) -> String {
    let needs: Vec<_> = rule.needs.iter().map(Capability::to_string).collect();
    match needs.as_slice() {
        [] => String::new(),
        needs => format!(", for backends with {}", needs.join(" and ")),
    }
}

/// The rule's text without blanks at its end, which editors would take away.
fn prose(rule: &Rule) -> String {
    let text = rule.text();
    let lines: Vec<_> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n")
}
