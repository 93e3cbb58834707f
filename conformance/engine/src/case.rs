use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Backend, Capability, Level, Rule};

/// One rule on one backend.
#[derive(Clone, Debug)]
pub struct Case {
    /// The runtime under test.
    pub backend: Backend,
    /// What is asked of it.
    pub rule: Rule,
}

/// What is known of a case before it runs, from declarations alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The rule must hold.
    Holds,
    /// The backend lacks a trait that the rule needs; it is not run.
    NotApplicable(String),
    /// The backend does not claim what the rule needs; it is run, and must not hold.
    Unclaimed(String),
    /// The backend is declared to deviate; it is run, and must not hold.
    Deviates(String),
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The rule holds.
    Pass,
    /// It does not, or a declaration about it is untrue.
    Fail,
    /// It does not, as declared.
    Deviation,
    /// It asks for what the backend does not have.
    NotApplicable,
    /// It is of the level `info`: what was seen is the reason.
    Recorded,
}

/// The result of a case, as reports show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Why, or what was seen; empty for a plain pass.
    pub reason: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// What a run of a rule's code gave: what it recorded, or why it failed.
pub type Verdict = Result<Option<String>, String>;

impl Case {
    /// Decides, from declarations alone, what has to come out.
    pub fn plan(&self) -> Plan {
        let missing = self.rule.missing(&self.backend);
        if let Some(missing) = missing.iter().find(|it| !it.is_claim()) {
            return Plan::NotApplicable(missing.missing().to_owned());
        }
        if let Some(unclaimed) = missing.first() {
            return Plan::Unclaimed(Capability::missing(*unclaimed).to_owned());
        }
        match self.backend.deviation(&self.rule.id()) {
            Some(reason) => Plan::Deviates(reason.to_owned()),
            None => Plan::Holds,
        }
    }

    /// Judges what came out.
    pub fn judge(&self, plan: &Plan, verdict: Verdict, took: Duration) -> Outcome {
        let info = self.rule.level == Level::Info;
        let (status, reason) = match (plan, verdict) {
            (Plan::NotApplicable(missing), _) => (Status::NotApplicable, missing.clone()),
            (Plan::Unclaimed(missing), Err(_)) => (Status::NotApplicable, missing.clone()),
            (Plan::Unclaimed(missing), Ok(_)) => (
                Status::Fail,
                format!("holds, although the backend {missing}: make the claim"),
            ),
            (Plan::Deviates(reason), Err(_)) => (Status::Deviation, reason.clone()),
            (Plan::Deviates(reason), Ok(_)) => (
                Status::Fail,
                format!("no longer deviates, take the declaration back: {reason}"),
            ),
            (Plan::Holds, Ok(seen)) if info => (Status::Recorded, seen.unwrap_or_default()),
            (Plan::Holds, Err(failure)) if info => (Status::Recorded, failure),
            (Plan::Holds, Ok(seen)) => (Status::Pass, seen.unwrap_or_default()),
            (Plan::Holds, Err(failure)) => (Status::Fail, failure),
        };
        Outcome {
            status,
            reason,
            millis: took.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }

    /// Whether it is run with the expectation that it fails, perhaps by hanging.
    pub(crate) fn must_not_hold(plan: &Plan) -> bool {
        matches!(plan, Plan::Unclaimed(_) | Plan::Deviates(_))
    }
}
