use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Report;

/// How many deviations and not-applicable cells each backend is announced to have.
///
/// It is checked in, so that either number grows only with a change that says so.
pub type Expected = BTreeMap<String, Announced>;

/// What is announced for one backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Announced {
    /// Rules that it is declared not to keep.
    pub deviation: usize,
    /// Rules that ask for what it does not have.
    pub not_applicable: usize,
}

impl Report {
    /// What this run would have announced.
    pub fn announce(&self) -> Expected {
        let announced = self.summary.backends.iter().map(|(key, counts)| {
            let announced = Announced {
                deviation: counts.deviation,
                not_applicable: counts.not_applicable,
            };
            (key.clone(), announced)
        });
        announced.collect()
    }
}

/// What has grown beyond what was announced, one sentence each.
pub fn grown(expected: &Expected, report: &Report) -> Vec<String> {
    let mut grown = Vec::new();
    for (key, now) in report.announce() {
        let announced = expected.get(&key).copied().unwrap_or_default();
        for (what, now, announced) in [
            ("deviations", now.deviation, announced.deviation),
            (
                "not-applicable cells",
                now.not_applicable,
                announced.not_applicable,
            ),
        ] {
            if now > announced {
                grown.push(format!(
                    "{key} has {now} {what}, and {announced} were announced"
                ));
            }
        }
    }
    grown
}
