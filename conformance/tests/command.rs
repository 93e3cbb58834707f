//! The command as its users see it.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    let code = status.code().expect("it was not killed");
    (code, text(stdout), text(stderr))
}

/// The one result of a run of one rule on one backend.
fn cell(arguments: &[&str]) -> (i32, Value) {
    let (code, out, err) = run(&[arguments, &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&out).unwrap_or_else(|it| panic!("{it}: {out}{err}"));
    let results = json["rules"][0]["results"].as_object().expect("an object");
    assert_eq!(results.len(), 1, "{results:?}");
    (code, results.values().next().expect("one").clone())
}

const TOKIO: &str = "tokio-current-thread";

#[test]
fn lists_rules_and_backends() {
    let (code, out, _) = run(&["--list"]);
    assert_eq!(code, 0);
    for expected in [
        "join::dropping_the_handle_detaches",
        "  tokio-local\n",
        "  smol+any\n",
    ] {
        assert!(out.contains(expected), "{expected:?} is missing in {out}");
    }
}

#[test]
fn json_has_the_documented_shape() {
    let (code, out, _) = run(&["--backend", TOKIO, "--rule", "join::*", "--format", "json"]);
    assert_eq!(code, 0, "{out}");
    let json: Value = serde_json::from_str(&out).expect("it is JSON");
    let rules = json["rules"].as_array().expect("an array");
    assert!(rules.len() > 10);
    for rule in rules {
        assert_eq!(rule["family"], "join");
        assert!(
            rule["id"]
                .as_str()
                .is_some_and(|id| id.starts_with("join::"))
        );
        let level = rule["level"].as_str().expect("a text");
        assert!(
            ["must", "capability", "should", "info"].contains(&level),
            "{level}"
        );
        let result = &rule["results"][TOKIO];
        let status = result["status"].as_str().expect("a text");
        let known = ["pass", "fail", "deviation", "not-applicable", "recorded"];
        assert!(known.contains(&status), "{status}");
        assert!(
            result["reason"].is_string() && result["millis"].is_u64(),
            "{result}"
        );
    }
    let summary = &json["summary"];
    let counted: u64 = ["pass", "fail", "deviation", "not-applicable", "recorded"]
        .iter()
        .map(|it| summary[it].as_u64().expect("a number"))
        .sum();
    assert_eq!(counted, rules.len() as u64);
}

#[test]
fn table_fits_a_narrow_terminal_and_has_no_colour_in_a_pipe() {
    let output = command(&["--backend", "tokio*", "--rule", "abort::*"])
        .env("COLUMNS", "40")
        .output()
        .expect("the command starts");
    let out = String::from_utf8(output.stdout).expect("it prints text");
    assert!(!out.contains('\u{1b}'), "{out}");
    let matrix = out.lines().skip_while(|it| !it.starts_with("abort"));
    for line in matrix.take_while(|it| !it.is_empty()) {
        assert!(line.chars().count() <= 40, "too wide: {line}");
    }
}

#[test]
fn junit_is_written_to_a_file() {
    let file = std::env::temp_dir().join(format!("anyrt-conformance-{}.xml", std::process::id()));
    let path = file.to_str().expect("a path in UTF-8");
    let rule = "block_on::returns_the_output";
    let (code, out, _) = run(&[
        "--backend",
        TOKIO,
        "--rule",
        rule,
        "--format",
        "junit",
        "--out",
        path,
    ]);
    let xml = std::fs::read_to_string(&file).expect("it was written");
    std::fs::remove_file(&file).expect("it is there");
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(xml.contains(
        "<testcase classname=\"tokio-current-thread\" name=\"block_on::returns_the_output\""
    ));
}

#[test]
fn an_unknown_name_is_one_line_with_the_nearest() {
    for (arguments, nearest) in [
        (&["--backend", "tokyo"][..], "`tokio-"),
        (&["--backend", "smol-owend"], "`smol-owned`"),
        (
            &["--rule", "join::second_pol_panics"],
            "`join::second_poll_panics`",
        ),
        (&["--rule", "second_pol_panics"], "`second_poll_panics`"),
        (
            &["explain", "joins::second_poll_panics"],
            "`join::second_poll_panics`",
        ),
        (
            &["mutants", "--mutant", "handles_are_bug"],
            "`handles_are_big`",
        ),
        (&["--mutant", "handles_are_bug"], "`handles_are_big`"),
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        let typed = arguments.last().expect("there are some");
        assert!(err.contains(typed) && err.contains(nearest), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

#[test]
fn names_are_taken_as_the_matrix_prints_them() {
    let (code, whole, _) = run(&["explain", "join::second_poll_panics"]);
    assert_eq!(code, 0, "{whole}");
    for short in ["second_poll_panics", "second_poll_pa…"] {
        let (code, out, err) = run(&["explain", short]);
        assert_eq!((code, out.as_str()), (0, whole.as_str()), "{err}");
    }
    let (_, out, err) = run(&["--list", "--rule", "second_poll_panics"]);
    assert!(out.contains(" join::second_poll_panics "), "{out}{err}");
}

#[test]
fn a_list_honours_its_format_and_its_file() {
    let chosen = ["--list", "--backend", TOKIO, "--rule", "join::*"];
    let file = std::env::temp_dir().join(format!("anyrt-list-{}.json", std::process::id()));
    let path = file.to_str().expect("a path in UTF-8");
    let (code, out, err) = run(&[&chosen[..], &["--format", "json", "--out", path]].concat());
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let text = std::fs::read_to_string(&file).expect("it was written");
    std::fs::remove_file(&file).expect("it is there");
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|it| panic!("{it}: {text}"));
    assert_eq!(json["backends"], serde_json::json!([TOKIO]));
    let rules = json["rules"].as_array().expect("an array");
    let wanted = |it: &&Value| it["id"] == "join::second_poll_panics";
    let rule = rules.iter().find(wanted).expect("the rule is listed");
    assert_eq!(
        (&rule["level"], &rule["family"]),
        (&"must".into(), &"join".into())
    );
    assert!(rule["sentence"].as_str().is_some_and(|it| !it.is_empty()));

    let (code, page, err) = run(&[&chosen[..], &["--format", "html"]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(page.contains("id=\"join::second_poll_panics\""), "{page}");

    let (code, out, err) = run(&[&chosen[..], &["--format", "junit"]].concat());
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("results") && err.contains("html"), "{err}");
}

#[test]
fn a_file_of_another_kind_is_told_from_what_is_wanted() {
    let file = std::env::temp_dir().join(format!("anyrt-other-{}.json", std::process::id()));
    let path = file.to_str().expect("a path in UTF-8");
    std::fs::write(&file, "{\"rules\": 3}").expect("it can be written");
    let diff = run(&["diff", path, path]);
    let expect = run(&["--backend", TOKIO, "--rule", "join::*", "--expect", path]);
    std::fs::remove_file(&file).expect("it is there");
    for ((code, out, err), wanted) in [(diff, "--format json"), (expect, "--announce")] {
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(path) && err.contains(wanted), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

#[test]
fn the_page_says_versions_date_and_command() {
    let rule = "block_on::returns_the_output";
    let chosen = ["--backend", TOKIO, "--rule", rule, "--format", "html"];
    let (code, page, err) = run(&chosen);
    assert_eq!(code, 0, "{err}");
    let (_, origin) = page
        .split_once("<h2>Where this comes from</h2>")
        .expect("it is told");
    let version = concat!("anyrt-conformance ", env!("CARGO_PKG_VERSION"));
    let line = format!("<code>conformance {}</code> on 20", chosen.join(" "));
    for part in [version, &line, " UTC", "rustc 1.", "tokio 1."] {
        assert!(origin.contains(part), "{part:?} is missing in {origin}");
    }
}

#[test]
fn explain_prints_the_rule_its_intent_and_what_to_check() {
    let (code, out, _) = run(&["explain", "join::second_poll_panics"]);
    assert_eq!(code, 0);
    for part in [
        "join::second_poll_panics (must)",
        "Intent: ",
        "If this fails, ",
    ] {
        assert!(out.contains(part), "{part:?} is missing in {out}");
    }
}

#[test]
fn a_failing_rule_is_exit_status_1() {
    let rule = "panic::payload_survives";
    let (code, cell) = cell(&[
        "--backend",
        TOKIO,
        "--rule",
        rule,
        "--mutant",
        "payload_becomes_text",
    ]);
    assert_eq!((code, cell["status"].as_str()), (1, Some("fail")));
    let reason = cell["reason"].as_str().expect("a text");
    assert!(
        reason.contains("another payload") && reason.contains("conformance/src/rules/panic.rs:"),
        "{reason}"
    );
}

#[test]
fn a_hang_is_caught_and_named() {
    let rule = "block_on::returns_the_output";
    let mutant = ["--mutant", "block_on_never_returns", "--timeout", "1"];
    for isolation in [&[][..], &["--no-isolation"]] {
        let arguments = [
            &["--backend", TOKIO, "--rule", rule][..],
            &mutant,
            isolation,
        ]
        .concat();
        let (code, cell) = cell(&arguments);
        assert_eq!((code, cell["status"].as_str()), (1, Some("fail")));
        let reason = cell["reason"].as_str().expect("a text");
        let step = "hung: no result after 1s; last step: a future that is ready at once (conformance/src/rules/block_on.rs:";
        assert!(reason.starts_with(step), "{reason}");
    }
}

#[test]
fn a_crash_is_named_with_its_last_words() {
    let rule = "panic::payload_survives";
    let (code, cell) = cell(&[
        "--backend",
        TOKIO,
        "--rule",
        rule,
        "--mutant",
        "panic_aborts_process",
    ]);
    assert_eq!((code, cell["status"].as_str()), (1, Some("fail")));
    let reason = cell["reason"].as_str().expect("a text");
    assert!(
        reason.starts_with("crashed: ") && reason.contains("last words: "),
        "{reason}"
    );
}

#[test]
fn more_cells_than_announced_are_exit_status_1() {
    let file = std::env::temp_dir().join(format!("anyrt-expected-{}.json", std::process::id()));
    let path = file.to_str().expect("a path in UTF-8");
    let rule = "local::*";
    let (announced, _, _) = run(&["--backend", TOKIO, "--rule", rule, "--announce", path]);
    let (same, _, _) = run(&["--backend", TOKIO, "--rule", rule, "--expect", path]);
    std::fs::write(&file, "{}").expect("it can be written");
    let (grown, _, err) = run(&["--backend", TOKIO, "--rule", rule, "--expect", path]);
    std::fs::remove_file(&file).expect("it is there");
    assert_eq!((announced, same, grown), (0, 0, 1));
    assert!(
        err.contains("not-applicable cells, and 0 were announced"),
        "{err}"
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = command(&["--list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{:?}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn mutants_are_counted_in_the_last_line() {
    let (code, out, err) = run(&["mutants", "--mutant", "handles_are_big"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(out.lines().last(), Some("1 of 1 mutants killed"));
}

#[test]
fn a_mutant_that_nobody_notices_is_exit_status_1() {
    // It takes tasks that are `Send`, so no rule can notice it here.
    let mutant = ["mutants", "--mutant", "spawn_boxes"];
    let (code, out, _) = run(&[&mutant[..], &["--backend", "tokio-local"]].concat());
    assert_eq!(code, 1, "{out}");
    assert!(out.starts_with("survived"), "{out}");
    assert_eq!(out.lines().last(), Some("0 of 1 mutants killed"));
}
