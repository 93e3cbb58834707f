//! What `run.mjs` calls. Texts are JSON.

use std::cell::RefCell;
use std::time::Duration;

use anyrt_conformance::report::{Expected, Look, grown, table};
use anyrt_conformance::{
    Case, Plan, Report, Status, Suite, Verdict, cases, glob, run_direct, specifications,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{backends, page};

thread_local! {
    static CASE: RefCell<Option<Case>> = const { RefCell::new(None) };
    static VERDICT: RefCell<Option<Verdict>> = const { RefCell::new(None) };
}

/// A case, as the parent sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    /// Whether it is run at all.
    runs: bool,
    /// Whether it is run to fail, perhaps by hanging.
    is_to_fail: bool,
}

/// How a case went.
#[derive(Debug, Deserialize)]
struct Ran {
    verdict: Verdict,
    millis: u64,
}

/// What the parent does at the end.
#[derive(Debug, Serialize)]
struct End {
    /// The matrix.
    table: String,
    /// What an expectation would hold, as JSON.
    announced: String,
    /// What has grown beyond the expectation.
    grown: Vec<String>,
    /// The cases that failed.
    failed: Vec<String>,
    passed: usize,
}

fn suite() -> Suite {
    Suite::new(specifications(), backends::all())
}

fn chosen(globs: &str) -> (Suite, Vec<Case>) {
    let suite = suite();
    let mut cases = cases(&suite.backends, &suite.rules());
    let globs: Vec<_> = globs.split_whitespace().collect();
    cases.retain(|case| globs.is_empty() || globs.iter().any(|it| glob(it, &name(case))));
    (suite, cases)
}

fn name(case: &Case) -> String {
    format!("{}/{}", case.backend.key(), case.rule.id())
}

/// The cases that match one of `globs`, which are divided by blanks, or all of them.
#[wasm_bindgen]
pub fn list(globs: &str) -> String {
    let (_, cases) = chosen(globs);
    let listed = cases.iter().map(|case| {
        let plan = case.plan();
        Listed {
            name: name(case),
            runs: !matches!(plan, Plan::NotApplicable(_)),
            is_to_fail: matches!(plan, Plan::Unclaimed(_) | Plan::Deviates(_)),
        }
    });
    json(&listed.collect::<Vec<_>>())
}

/// Says which case [`run`] runs, by its name.
#[wasm_bindgen]
pub fn choose(case: &str) {
    let (_, cases) = chosen(case);
    CASE.set(cases.into_iter().next());
}

/// Runs the chosen case, on a stack that can be put aside; nothing else may run in this instance.
#[wasm_bindgen]
pub fn run() {
    let case = CASE.take().expect("the parent chose one");
    VERDICT.set(Some(page::on_the_stack(|| run_direct(&case))));
}

/// The verdict of the case that ran, or nothing if it has not ended.
#[wasm_bindgen]
pub fn verdict() -> Option<String> {
    VERDICT.with_borrow(|it| it.as_ref().map(json))
}

/// Judges how the cases of `globs` went, in the order of [`list`]; those that were not run have `null`.
#[wasm_bindgen]
pub fn end(globs: &str, ran: &str, expected: Option<String>) -> String {
    let (suite, cases) = chosen(globs);
    let ran: Vec<Option<Ran>> = serde_json::from_str(ran).expect("the parent wrote it");
    let outcomes: Vec<_> = cases
        .iter()
        .zip(ran)
        .map(|(case, ran)| {
            let ran = ran.unwrap_or(Ran {
                verdict: Ok(None),
                millis: 0,
            });
            case.judge(&case.plan(), ran.verdict, Duration::from_millis(ran.millis))
        })
        .collect();
    let failed = cases.iter().zip(&outcomes);
    let failed = failed.filter(|(_, outcome)| outcome.status == Status::Fail);
    let failed = failed.map(|(case, outcome)| format!("{}: {}", name(case), outcome.reason));
    let failed = failed.collect();
    let report = Report::new(&cases, outcomes);
    let keys: Vec<_> = suite
        .backends
        .iter()
        .map(|it| it.key().to_owned())
        .collect();
    let look = Look {
        width: 120,
        colour: false,
    };
    let expected: Option<Expected> =
        expected.map(|it| serde_json::from_str(&it).expect("a checked-in expectation"));
    json(&End {
        table: table(&report, &keys, look),
        announced: serde_json::to_string_pretty(&report.announce()).expect("numbers"),
        grown: expected.map(|it| grown(&it, &report)).unwrap_or_default(),
        failed,
        passed: report.summary.total.pass,
    })
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers are valid JSON")
}
