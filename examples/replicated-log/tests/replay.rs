//! The command `replay` does what the variables of the simulation say.

use std::process::{Command, Output};

fn replay(bug: &str, seed: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replicated-log"));
    for name in ["SEED", "ITERS", "SHRINK", "KEEP", "PAGE", "PROCESSES"] {
        command.env_remove(format!("ANYRT_SIM_{name}"));
    }
    command
        .args(["replay", bug, seed])
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_shorter_run_is_found_and_replayed() {
    let shorter = stdout(&replay("any-answer", "1", &[("ANYRT_SIM_SHRINK", "8")]));
    assert!(shorter.contains("  shrunk in "), "{shorter}");
    let kept = shorter
        .split("ANYRT_SIM_KEEP=")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .expect("it says how to replay it");
    let again = stdout(&replay("any-answer", "1", &[("ANYRT_SIM_KEEP", kept)]));
    let header = |report: &str| {
        let mut lines = report.lines();
        let line = lines.find(|line| line.contains("virtual time"));
        line.expect("a report has it").to_owned()
    };
    assert_eq!(header(&shorter), header(&again));
    let plain = stdout(&replay("any-answer", "1", &[]));
    assert_ne!(header(&shorter), header(&plain));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (name, value, refusal) in [
        ("ANYRT_SIM_SEED", "3", "the seed is the argument"),
        ("ANYRT_SIM_SHRINK", "yes", "ANYRT_SIM_SHRINK is \"yes\""),
        ("ANYRT_SIM_SHIRNK", "8", "did you mean ANYRT_SIM_SHRINK?"),
    ] {
        let output = replay("any-answer", "1", &[(name, value)]);
        assert!(!output.status.success(), "{name}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(refusal), "{said}");
    }
}

#[test]
fn a_changed_entry_shows_where_it_was_lost() {
    let seed = anyrt_replicated_log::recorded_seed(anyrt_replicated_log::log::Bug::TruncateAlways);
    let report = stdout(&replay("truncate-always", &seed.to_string(), &[]));
    let lost = report
        .lines()
        .find(|line| line.contains(" cut its log behind place "));
    let lost = lost.unwrap_or_else(|| panic!("no place in {report}"));
    assert!(
        lost.contains("!  ") && lost.contains("and lost place "),
        "{report}"
    );
}
