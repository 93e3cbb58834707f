use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::{Backend, Case, Outcome, Plan, Runner, Status, child, registry, rules};

/// Runs every rule on `backends` under the command line of a test program; [`suite!`](crate::suite!) calls it.
///
/// Each rule is a test of its own, so `cargo test` and `cargo nextest` list and filter them. With one backend its name is the
/// rule's id, with several the backend's key goes before it. A rule that does not apply is listed as ignored, which is
/// decided by what the backend declares and never by the rule itself. Each test runs in a process of its own.
pub fn main(backends: impl IntoIterator<Item = Backend>) -> ExitCode {
    let backends: Vec<_> = backends.into_iter().collect();
    if let Some(code) = child(&backends) {
        return code;
    }
    let one = backends.len() == 1;
    let cases = registry::cases(&backends, &rules::all());
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

/// Makes the `main` of a test program that certifies one backend or several.
///
/// ```no_run
/// # use anyrt_conformance::Backend;
/// # use anyrt_core::Config;
/// anyrt_conformance::suite!(Backend::owned::<anyrt_tokio::Owned>("mine", Config::new()));
/// ```
#[macro_export]
macro_rules! suite {
    ($($backend:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::main([$($backend),+])
        }
    };
}
