//! Every error message that the manual quotes, held against the code that makes it; and none that the code no longer makes.

use std::collections::BTreeSet;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::process::Command;
use std::time::Duration;
use std::{env, io};

use anyrt::prelude::*;
use anyrt::{Config, Flavor, LaunchError, smol, tokio};
use anyrt_checks::workspace;
use anyrt_net::Tcp;
use anyrt_structured::{Backoff, Budget, for_each_concurrent};

const PAGE: &str = "anyrt/src/manual/errors.md";

/// What the compiler prints, and where its words are: in a file of ours, with `{…}` where it puts names.
const COMPILER: [(&str, &str); 18] = [
    (
        "anyrt/macros/src/main_attribute.rs",
        "anyrt was compiled without a runtime: add one of its features `tokio`, `smol`, `async-std` and `compio`",
    ),
    (
        "anyrt/macros/src/main_attribute.rs",
        "anyrt was compiled without `{feature}`: add its feature `{feature}`, or name another runtime",
    ),
    (
        "anyrt/macros/src/options.rs",
        "`#[anyrt::{attribute}]` knows no `{name}`",
    ),
    (
        "checks/tests/ui/macros/two_runtimes.stderr",
        "a program runs on one runtime: name one, or none to leave it to `ANYRT_RUNTIME`",
    ),
    (
        "checks/tests/ui/macros/local_handle_without_runtime.stderr",
        "handles of local runtimes differ in type: name the runtime as well, as in `#[anyrt::main(tokio, local)]`",
    ),
    ("core/src/runtime.rs", "`{Self}` is not a runtime"),
    ("net/src/runtime/tcp.rs", "`{Self}` has no TCP"),
    (
        "net/src/runtime/net_runtime.rs",
        "`{Self}` is not a runtime with sockets",
    ),
    (
        "anyrt/macros/src/main_attribute.rs",
        "anyrt was compiled without sockets: add its feature `tokio-net`, or the one of another runtime",
    ),
    (
        "anyrt/macros/src/backend.rs",
        "anyrt was compiled without the sockets of {}: add its feature `{}`",
    ),
    (
        "checks/tests/ui/macros/page.stderr",
        "anyrt was compiled without JavaScript's event loop: add its feature `wasm`, and build for `wasm32-unknown-unknown`",
    ),
    (
        "anyrt/src/program/not_started.rs",
        "{runtime} was compiled without sockets: turn on anyrt's feature `{feature}`",
    ),
    (
        "checks/tests/ui/macros/malformed.stderr",
        "`async-std` is spelled `async_std` here",
    ),
    (
        "checks/tests/ui/core/launched_runtime_does_not_spawn.rs",
        "no method named `spawn` found for struct `anyrt::tokio::Owned` in the current scope",
    ),
    (
        "checks/tests/ui/core/handle_is_a_temporary.rs",
        "temporary value dropped while borrowed",
    ),
    ("core/src/block_on.rs", "`{Self}` cannot block on a future"),
    (
        "core/src/current.rs",
        "the current `{Self}` cannot be looked up",
    ),
    (
        "core/src/launch.rs",
        "`{Self}` is not a runtime that can be launched",
    ),
];

#[test]
fn every_quoted_message_is_one_that_the_code_makes() {
    let (of_the_compiler, of_programs): (BTreeSet<_>, BTreeSet<_>) =
        quoted().into_iter().partition(|it| it.starts_with("error"));
    let made: BTreeSet<_> = made().into_iter().collect();
    let stale: Vec<_> = of_programs.difference(&made).collect();
    let missing: Vec<_> = made.difference(&of_programs).collect();
    assert!(
        stale.is_empty() && missing.is_empty(),
        "{PAGE} quotes what no code makes: {stale:#?}\nand leaves out what the code makes: {missing:#?}"
    );

    assert_eq!(of_the_compiler.len(), COMPILER.len());
    for (file, template) in COMPILER {
        assert!(
            workspace::read(file).contains(template),
            "{file} no longer says {template}"
        );
        let is_quoted = of_the_compiler.iter().any(|it| {
            let text = it.split_once(": ").expect("a code, and the text").1;
            fits(template, text)
        });
        assert!(is_quoted, "{PAGE} does not quote {template}");
    }
}

#[test]
fn templates_fit_what_they_make_and_nothing_else() {
    assert!(fits("no `{name}`", "no `tokyo`") && fits("as is", "as is"));
    assert!(!fits("no `{name}`", "no `tokyo`, though") && !fits("no `{name}`", "a `tokyo`"));
}

/// Run by the test above in a process of its own, because the environment is the process's.
#[test]
fn child_that_prints_what_it_chose() {
    if let Err(error) = anyrt::runtime() {
        println!("chose: {error}");
    }
}

/// What a socket says on a tokio runtime that cannot have one.
fn without_io() -> String {
    let native = ::tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("tokio starts");
    let rt = tokio::Tokio::try_from(native.handle().clone()).expect("it has timers");
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into());
    listener.expect_err("it has no driver").to_string()
}

/// The texts in the page's blocks.
fn quoted() -> Vec<String> {
    let page = workspace::read(PAGE);
    let blocks = page.split("```text\n").skip(1);
    let texts = blocks.map(|block| block.split_once("\n```").expect("a block has an end").0);
    texts.map(str::to_owned).collect()
}

/// Provokes each error of a program, and returns its text.
fn made() -> Vec<String> {
    let owned = tokio::Owned::launch(Config::new().worker_threads(2)).expect("tokio starts");
    let on_tokio = owned.handle();
    let join_error = |fail: fn()| {
        let failing = on_tokio.spawn(async move { fail() });
        owned.block_on(failing).expect_err("it fails")
    };
    let cancelled = || {
        let mut task = on_tokio.spawn(pending::<()>());
        task.abort();
        owned.block_on(task).expect_err("it was aborted")
    };
    let untimed = ::tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("tokio starts");
    let smol = smol::Owned::launch(Config::new().worker_threads(1)).expect("smol starts");
    let on_smol = smol.handle();

    vec![
        tokio::Tokio::try_current()
            .expect_err("outside")
            .to_string(),
        tokio::Ambient::try_current()
            .expect_err("outside")
            .to_string(),
        untimed
            .block_on(async { tokio::Tokio::try_current() })
            .expect_err("no timers")
            .to_string(),
        smol::LocalHandle::try_current()
            .expect_err("outside")
            .to_string(),
        chosen_by(None),
        chosen_by(Some("tokyo")),
        chosen_by(Some("tokio")),
        panic_of(|| tokio::Ambient.spawn(ready(()))),
        refused::<smol::Owned>(Config::new().event_interval(61)),
        refused::<tokio::Owned>(
            Config::new()
                .flavor(Flavor::CurrentThread)
                .worker_threads(2),
        ),
        refused::<tokio::Owned>(Config::new().worker_threads(0)),
        tokio::Tokio::try_from(untimed.handle().clone())
            .expect_err("no timers")
            .to_string(),
        LaunchError::system(
            "tokio",
            "start its runtime",
            io::Error::from_raw_os_error(11),
        )
        .to_string(),
        without_io(),
        cancelled().to_string(),
        join_error(|| panic!("out of cheese")).to_string(),
        join_error(|| panic_any(7)).to_string(),
        panic_of(|| cancelled().into_panic()),
        panic_of(|| {
            let mut task = on_smol.spawn(ready(()));
            smol.block_on(&mut task)?;
            smol.block_on(task)
        }),
        owned
            .block_on(on_tokio.timeout(Duration::ZERO, pending::<()>()))
            .expect_err("it never ends")
            .to_string(),
        panic_of(|| on_tokio.interval(Duration::ZERO)),
        {
            let inner = on_smol.clone();
            let nested = on_smol.spawn(async move { inner.block_on(ready(())) });
            message(&smol.block_on(nested).expect_err("it blocks").into_panic())
        },
        panic_of(|| {
            let local = smol::Local::launch(Config::new()).expect("smol starts");
            let handle = local.handle();
            drop(local);
            handle.block_on(ready(()));
        }),
        panic_of(|| owned.block_on(for_each_concurrent(&on_tokio, 0, [()], |()| async {}))),
        panic_of(|| Budget::new(0)),
        panic_of(|| Backoff::exponential(Duration::ZERO).jitter(50.0, 0)),
    ]
}

fn refused<L: Launch + std::fmt::Debug>(config: Config) -> String {
    L::launch(config).expect_err("it is refused").to_string()
}

fn panic_of<T>(act: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(act)).err();
    message(&payload.expect("it panics"))
}

fn message(payload: &Box<dyn std::any::Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .expect("a panic with a text")
}

/// What `anyrt::runtime()` says in a process with this `ANYRT_RUNTIME`.
fn chosen_by(variable: Option<&str>) -> String {
    let mut child = Command::new(env::current_exe().expect("a test has a file"));
    child.args(["--exact", "child_that_prints_what_it_chose", "--nocapture"]);
    child.env_remove("ANYRT_RUNTIME");
    child.envs(variable.map(|name| ("ANYRT_RUNTIME", name)));
    let output = child.output().expect("a test can be started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("chose: "));
    let message = line
        .unwrap_or_else(|| panic!("nothing was chosen: {text}"))
        .1;
    // The page's program has these two; in a build of the whole workspace all of them are compiled in.
    let list = message
        .split_once(" are: ")
        .or_else(|| message.split_once(" of them: "));
    let Some((all, _)) = list.and_then(|(_, list)| list.split_once(';')) else {
        return message.to_owned();
    };
    assert!(all.starts_with("tokio, smol"), "{message}");
    message.replace(all, "tokio, smol")
}

/// Whether `text` is `template` with something for each `{…}`.
fn fits(template: &str, text: &str) -> bool {
    let mut pieces = template.split('{');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for piece in pieces {
        let piece = piece.split_once('}').map_or(piece, |(_, after)| after);
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}
