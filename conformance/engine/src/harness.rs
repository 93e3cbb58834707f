use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::{Case, Outcome, Plan, Runner, Status, Suite, cases, child};

/// Runs every rule of `suite` under the command line of a test program; `suite!` of `anyrt-conformance` calls it.
///
/// Each rule is a test of its own, so `cargo test` and `cargo nextest` list and filter them. With one backend its name is the
/// rule's id, with several the backend's key goes before it. A rule that does not apply is listed as ignored, which is
/// decided by what the backend declares and never by the rule itself. Each test runs in a process of its own.
pub fn main(suite: &Suite) -> ExitCode {
    if let Some(code) = child(suite) {
        return code;
    }
    let one = suite.backends.len() == 1;
    let cases = cases(&suite.backends, &suite.rules());
    let trials = cases.into_iter().map(|case| trial(case, one)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(case: Case, one: bool) -> Trial {
    let id = case.rule.id();
    let name = if one {
        id
    } else {
        format!("{}/{id}", case.backend.key())
    };
    let level = case.rule.level.to_string();
    let ignored = matches!(case.plan(), Plan::NotApplicable(_));
    let run = move || {
        let outcome = runner().run_one(&case);
        match outcome {
            Outcome {
                status: Status::Fail,
                reason,
                ..
            } => Err(Failed::from(format!("{reason}\n\n{}", case.rule.text()))),
            _ => Ok(()),
        }
    };
    Trial::test(name, run)
        .with_kind(level)
        .with_ignored_flag(ignored)
}

/// The runner of a test program: `ANYRT_CONFORMANCE_TIMEOUT` sets the limit of a case in seconds.
fn runner() -> Runner {
    let mut runner = Runner::default();
    let limit = std::env::var("ANYRT_CONFORMANCE_TIMEOUT").ok();
    if let Some(seconds) = limit.and_then(|it| it.parse().ok()) {
        runner.limit = Duration::from_secs(seconds);
    }
    runner
}
