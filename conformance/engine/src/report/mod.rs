//! What came out, and how it is shown.

mod diff;
mod expected;
mod html;
mod json;
mod junit;
mod table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Case, Level, Outcome, Status};

pub use diff::{Change, ChangeKind, change_table, changes};
pub use expected::{Expected, grown};
pub use html::{Origin, html};
pub use junit::junit;
pub use table::{Look, table};

/// The results of a run: what the JSON form holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// One entry for each rule, in the order of the specification.
    pub rules: Vec<RuleReport>,
    /// The counts.
    pub summary: Summary,
}

/// The results of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// `family::name`.
    pub id: String,
    /// How binding the rule is.
    pub level: Level,
    /// The family.
    pub family: String,
    /// The outcomes, by the key of the backend.
    pub results: BTreeMap<String, Outcome>,
}

/// How many cases ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Over all backends.
    #[serde(flatten)]
    pub total: Counts,
    /// By backend.
    pub backends: BTreeMap<String, Counts>,
}

/// One count for each way to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// The rule holds.
    pub pass: usize,
    /// It does not.
    pub fail: usize,
    /// It does not, as declared.
    pub deviation: usize,
    /// It asks for what the backend does not have.
    pub not_applicable: usize,
    /// What was seen is recorded.
    pub recorded: usize,
}

impl Counts {
    fn add(&mut self, status: Status) {
        *match status {
            Status::Pass => &mut self.pass,
            Status::Fail => &mut self.fail,
            Status::Deviation => &mut self.deviation,
            Status::NotApplicable => &mut self.not_applicable,
            Status::Recorded => &mut self.recorded,
        } += 1;
    }
}

impl Report {
    /// Collects the outcomes of `cases`, which are in the same order.
    pub fn new(cases: &[Case], outcomes: Vec<Outcome>) -> Self {
        let mut report = Self {
            rules: Vec::new(),
            summary: Summary::default(),
        };
        for (case, outcome) in cases.iter().zip(outcomes) {
            let key = case.backend.key();
            report.summary.total.add(outcome.status);
            let counts = report.summary.backends.entry(key.to_owned());
            counts.or_default().add(outcome.status);
            let id = case.rule.id();
            if report.rules.last().is_none_or(|last| last.id != id) {
                report.rules.push(RuleReport {
                    id,
                    level: case.rule.level,
                    family: case.rule.family.to_owned(),
                    results: BTreeMap::new(),
                });
            }
            let rule = report.rules.last_mut().expect("pushed above if need be");
            rule.results.insert(key.to_owned(), outcome);
        }
        report
    }

    /// Whether everything holds or is declared.
    pub fn holds(&self) -> bool {
        self.summary.total.fail == 0
    }
}
