use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, FormatSetting, Trial};

use crate::{Case, Outcome, Plan, Runner, Status, Suite, cases, child};

/// Runs every rule of `suite` under the command line of a test program; `suite!` of `anyrt-conformance` calls it.
///
/// Each rule is a test of its own, so `cargo test` and `cargo nextest` list and filter them. With one backend its name is the
/// rule's id, with several the backend's key goes before it. A rule that does not apply is listed as ignored, which is
/// decided by what the backend declares and never by the rule itself; why is said at the end of a run of all rules. Each test runs
/// in a process of its own.
pub fn main(suite: &Suite) -> ExitCode {
    if let Some(code) = child(suite) {
        return code;
    }
    let one = suite.backends.len() == 1;
    let cases = cases(&suite.backends, &suite.rules());
    let arguments = Arguments::from_args();
    let reasons = runs_all(&arguments).then(|| reasons(&cases));
    let trials = cases.into_iter().map(|case| trial(case, one)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(reasons) = reasons.filter(|it| !it.is_empty()) {
        println!("ignored, because");
        for (reason, count) in reasons {
            println!("  {reason}: {count}");
        }
        println!();
    }
    conclusion.exit_code()
}

/// Whether all rules are run, and people read what is printed.
fn runs_all(arguments: &Arguments) -> bool {
    let chosen = arguments.filter.is_some() || !arguments.skip.is_empty();
    let for_programs = !matches!(arguments.format, None | Some(FormatSetting::Pretty));
    !(chosen || for_programs || arguments.list || arguments.ignored || arguments.quiet)
}

/// Why cases do not apply, and how many.
fn reasons(cases: &[Case]) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for case in cases {
        if let Plan::NotApplicable(reason) = case.plan() {
            *reasons.entry(reason).or_insert(0) += 1;
        }
    }
    reasons
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
