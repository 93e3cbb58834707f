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
         <!-- Generated from the rules of the conformance suite; see checks/tests/manual_semantics.rs. Do not edit. -->\n\n\
         Every sentence here is a rule, and the conformance suite runs each rule on every backend. This page is normative.\n\n\
         - *must*: holds on every backend.\n\
         - *capability*: holds on every backend that can do what the rule needs.\n\
         - *should*: holds, or is a deviation that the backend declares with its reason.\n\
         - *info*: is recorded and not judged.\n\n\
         What a rule needs follows its level. `conformance explain RULE` also prints what to check when a rule fails.\n\n",
    );
    let _ = write!(
        text,
        "*Bare:* tells what a runtime does without anyrt where it does not keep the rule. It was observed by running each\n\
         directly: {VERSIONS}.\n\n"
    );
    for specification in specifications() {
        let of = |rule: &Rule| specification.rules.iter().any(|it| it.id() == rule.id());
        let links = families.iter().filter(|family| of(&family[0]));
        let links = links.map(|family| {
            let (name, count) = (family[0].family, family.len());
            format!("[{name}](#{name}) {count}")
        });
        let links = links.collect::<Vec<_>>().join(", ");
        let _ = write!(text, "Families of *{}*: {links}.\n\n", specification.name);
    }
    for family in families {
        let _ = write!(
            text,
            "## {}\n\n| rule | level | intent |\n| --- | --- | --- |\n",
            family[0].family
        );
        for rule in family {
            let (meaning, intent) = prose(rule);
            let _ = write!(
                text,
                "| **`{}`** {meaning} | *{}*{} | {intent}",
                rule.name,
                rule.level,
                needs(rule)
            );
            if let Some(fact) = fact(&rule.id()) {
                let _ = write!(text, " *Bare:* {fact}.");
            }
            text.push_str(" |\n");
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

fn needs(rule: &Rule) -> String {
    let needs: Vec<_> = rule.needs.iter().map(Capability::to_string).collect();
    match needs.as_slice() {
        [] => String::new(),
        needs => format!(", {}", needs.join(", ")),
    }
}

/// What the rule says, and what it is for, each in one line of a table.
fn prose(rule: &Rule) -> (String, String) {
    let text = rule.text().replace('|', "\\|");
    let (mut meaning, mut intent) = (Vec::<String>::new(), Vec::<String>::new());
    for paragraph in text.split("\n\n") {
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(reason) = paragraph.strip_prefix("Intent: ") {
            let mut letters = reason.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            intent.push(first.chain(letters).collect());
        } else if !paragraph.starts_with("If this fails") {
            meaning.push(paragraph);
        }
    }
    (meaning.join(" "), intent.join(" "))
}
