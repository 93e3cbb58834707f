//! Which runtime the entry points use where several are compiled in.
//!
//! The choice is the whole process's, and so is the environment: each case is a child of this program that runs one function
//! and prints what it found.

use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use anyrt::prelude::*;

/// What a child runs, by the name of its test.
const CHILD: &str = "ANYRT_TEST_CHILD";

/// What a child saw: on which runtime it ran, or why on none.
struct Report {
    succeeded: bool,
    text: String,
}

fn child(case: &str, runtime: Option<&str>) -> Report {
    let mut command = Command::new(env::current_exe().expect("a test knows its program"));
    command
        .args(["--exact", &format!("children::{case}"), "--nocapture"])
        .env(CHILD, case)
        .env_remove("ANYRT_RUNTIME");
    if let Some(runtime) = runtime {
        command.env("ANYRT_RUNTIME", runtime);
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(command.output()));
    let output = receiver
        .recv_timeout(Duration::from_secs(60))
        .unwrap_or_else(|_| panic!("{case} with {runtime:?} hangs"))
        .expect("a test can start itself");
    let streams = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&streams).into_owned();
    assert!(text.contains("1 test"), "{case} did not run: {text}");
    Report {
        succeeded: output.status.success(),
        text,
    }
}

#[track_caller]
fn assert_runs_on(report: &Report, runtime: &str) {
    let Report { succeeded, text } = report;
    assert!(succeeded, "{text}");
    assert!(text.contains(&format!("runs on {runtime}.")), "{text}");
}

#[track_caller]
fn assert_lists_everything(report: &Report) {
    let text = &report.text;
    assert!(!report.succeeded, "{text}");
    assert!(text.contains("tokio, smol, async-std"), "{text}");
    for way in ["#[anyrt::main(", "`anyrt::", "ANYRT_RUNTIME"] {
        assert!(text.contains(way), "{way} is not offered: {text}");
    }
}

const ENTRY_POINTS: [&str; 4] = ["block_on", "run", "bare_main", "bare_local_main"];

#[test]
fn the_variable_names_the_runtime() {
    for case in ENTRY_POINTS {
        for (name, runtime) in [
            ("tokio", "Tokio"),
            ("smol", "Smol"),
            ("async-std", "AsyncStd"),
        ] {
            assert_runs_on(&child(case, Some(name)), runtime);
        }
    }
}

#[test]
fn without_a_choice_every_entry_point_is_an_error_that_lists_the_runtimes() {
    for case in ENTRY_POINTS.into_iter().chain(["runtime"]) {
        for unset in [None, Some("")] {
            let report = child(case, unset);
            assert_lists_everything(&report);
            assert!(report.text.contains("chose none"), "{}", report.text);
        }
    }
}

#[test]
fn an_unknown_name_is_the_same_error() {
    for case in ENTRY_POINTS.into_iter().chain(["runtime"]) {
        for name in ["bogus", "Tokio", "async_std", "tokio,smol"] {
            let report = child(case, Some(name));
            assert_lists_everything(&report);
            assert!(
                report.text.contains(&format!("`{name}`")),
                "{}",
                report.text
            );
        }
    }
}

#[test]
fn a_name_that_is_nearly_right_is_answered_with_the_right_one() {
    for (name, right) in [
        ("async_std", "async-std"),
        ("Tokio", "tokio"),
        ("tokyo", "tokio"),
        ("smoll", "smol"),
    ] {
        let text = child("block_on", Some(name)).text;
        for part in [
            format!("did you mean `{right}`?"),
            format!("`ANYRT_RUNTIME={right}`"),
        ] {
            assert!(text.contains(&part), "{name}: {text}");
        }
    }
    let text = child("block_on", Some("bogus")).text;
    assert!(!text.contains("did you mean"), "{text}");
}

#[test]
fn the_macros_argument_comes_before_the_variable() {
    assert_runs_on(&child("named_main", Some("tokio")), "Smol");
    assert_runs_on(&child("named_main", Some("bogus")), "Smol");
    assert_runs_on(&child("named_main", None), "Smol");
}

#[test]
fn the_macros_argument_holds_for_the_whole_program() {
    assert_runs_on(
        &child("plain_thread_of_a_named_main", Some("tokio")),
        "Smol",
    );
}

#[test]
fn the_runtime_of_a_test_comes_before_the_variable() {
    assert_runs_on(&child("tests::smol", Some("tokio")), "Smol");
}

#[test]
fn outside_the_chosen_runtime_the_error_names_it() {
    let report = child("runtime", Some("tokio"));
    assert!(!report.succeeded);
    for part in ["no tokio runtime", "`anyrt::runtime`", "`#[anyrt::main]`"] {
        assert!(report.text.contains(part), "{part}: {}", report.text);
    }
    assert!(!report.text.contains("try_current"), "{}", report.text);
}

#[test]
fn an_option_that_the_chosen_runtime_lacks_is_refused() {
    let report = child("main_with_an_option", Some("async-std"));
    assert!(!report.succeeded);
    assert!(
        report
            .text
            .contains("async-std cannot honour the option `worker_threads`"),
        "{}",
        report.text
    );
    assert_runs_on(&child("main_with_an_option", Some("smol")), "Smol");
}

/// Tests that do nothing unless a case above starts them.
mod children {
    use super::*;

    fn is_child(case: &str) -> bool {
        env::var(CHILD).is_ok_and(|name| name == case)
    }

    /// Says on which runtime the caller runs.
    fn say() {
        let runtime = anyrt::runtime().unwrap_or_else(|error| panic!("{error}"));
        let name = format!("{runtime:?}");
        let name = name.trim_start_matches("AnyRuntime(");
        let end = name.find(|letter: char| !letter.is_alphanumeric());
        println!("runs on {}.", &name[..end.unwrap_or(name.len())]);
    }

    #[test]
    fn block_on() {
        if is_child("block_on") {
            anyrt::block_on(async { say() });
        }
    }

    #[test]
    fn run() {
        if is_child("run") {
            anyrt::run(async { say() });
        }
    }

    #[test]
    fn runtime() {
        if is_child("runtime") {
            say();
        }
    }

    #[anyrt::main]
    async fn start() {
        say();
    }

    #[test]
    fn bare_main() {
        if is_child("bare_main") {
            start();
        }
    }

    #[anyrt::main(local)]
    async fn start_local() {
        let word = std::rc::Rc::new("local");
        anyrt::yield_now().await;
        drop(word);
        match anyrt::runtime() {
            Ok(_) => say(),
            Err(error) => println!("{error}: runs on {}.", env::var("ANYRT_RUNTIME").unwrap()),
        }
    }

    #[test]
    fn bare_local_main() {
        if is_child("bare_local_main") {
            start_local();
        }
    }

    #[anyrt::main(smol)]
    async fn start_on_smol(rt: anyrt::smol::Smol) {
        rt.spawn(async { say() }).await.unwrap();
    }

    #[test]
    fn named_main() {
        if is_child("named_main") {
            start_on_smol();
        }
    }

    #[anyrt::main(smol)]
    async fn start_with_a_thread() {
        thread::spawn(|| anyrt::block_on(async { say() }))
            .join()
            .unwrap();
    }

    #[test]
    fn plain_thread_of_a_named_main() {
        if is_child("plain_thread_of_a_named_main") {
            start_with_a_thread();
        }
    }

    #[anyrt::main(worker_threads = 1)]
    async fn start_with_an_option(rt: impl Runtime) {
        rt.spawn(async { say() }).await.unwrap();
    }

    #[test]
    fn main_with_an_option() {
        if is_child("main_with_an_option") {
            start_with_an_option();
        }
    }

    #[anyrt::test(smol)]
    async fn tests() {
        if is_child("tests::smol") {
            say();
        }
    }
}
