//! The commands `differential` and `diff`, and the page, as their users see them.

use std::fs;
use std::process::{Command, Stdio};

fn run(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.expect("the command starts");
    let out = String::from_utf8(output.stdout).expect("it prints text");
    let error = String::from_utf8(output.stderr).expect("it prints text");
    (
        output.status.code().expect("it was not killed"),
        out + &error,
    )
}

const SOUND: &str = "tokio-current-thread";

#[test]
fn sound_backends_agree_on_random_programs() {
    let backends = ["--backend", SOUND, "--backend", "tokio-local"];
    let (code, out) = run(&[
        &["differential", "--iterations", "10", "--seed", "5"][..],
        &backends,
    ]
    .concat());
    assert_eq!(out, "10 programs on 2 backends: all agree with the model\n");
    assert_eq!(code, 0);
}

#[test]
fn a_broken_backend_is_shown_with_a_line_that_replays_it() {
    let broken = "tokio-current-thread~drop_cancels";
    let (code, out) = run(&["differential", "--iterations", "50", "--backend", broken]);
    assert_eq!(code, 1, "{out}");
    let line = out
        .lines()
        .find_map(|it| it.strip_prefix("//     conformance "));
    let line = line
        .unwrap_or_else(|| panic!("no line to replay in {out}"))
        .replace('\'', "");
    let replay: Vec<_> = line.split_whitespace().collect();
    let (code, again) = run(&replay);
    assert_eq!(code, 1, "{again}");
    assert!(
        out.contains("drop(task_1);") && again.contains("drop(task_1);"),
        "{again}"
    );
}

#[test]
fn unknown_backends_and_mutants_are_a_misuse() {
    for backend in ["nothing", "tokio-local~nothing"] {
        let (code, out) = run(&["differential", "--iterations", "1", "--backend", backend]);
        assert_eq!(code, 2, "{out}");
        assert!(out.contains("\"nothing\""), "{out}");
    }
}

#[test]
fn the_page_and_the_difference_of_two_reports() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let [old, new] = ["old.json", "new.json"].map(|it| folder.join(it).display().to_string());
    let rules = ["--backend", SOUND, "--rule", "join::dropping_*", "--format"];
    let (code, out) = run(&[&rules[..], &["json", "--out", &old]].concat());
    assert_eq!((code, &*out), (0, ""));
    let json = fs::read_to_string(&old).expect("it was written");
    fs::write(&new, json.replace("\"pass\",", "\"fail\",")).expect("it can be written");

    let (code, out) = run(&["diff", &old, &old]);
    assert_eq!((code, &*out), (0, "nothing changed\n"));
    let (code, out) = run(&["diff", &old, &new]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.starts_with("New failures (1)\n  join::dropping_the_handle_detaches on "),
        "{out}"
    );
    let (code, out) = run(&["diff", &new, &old]);
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with("1 change, not for the worse\n"), "{out}");
    assert_eq!(run(&["diff", &old, "nowhere.json"]).0, 2);

    let (code, page) = run(&[&rules[..], &["html"]].concat());
    assert_eq!(code, 0);
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(
        page.contains("id=\"join::dropping_the_handle_detaches\""),
        "{page}"
    );
}
