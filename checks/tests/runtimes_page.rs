//! `docs/runtimes.md`, the one page of what differs between the runtimes.
//!
//! `ANYRT_BLESS=1 cargo test -p anyrt-checks --test runtimes_page` writes it.

#[path = "manual/differences.rs"]
mod differences;

use std::fmt::Write as _;
use std::mem::size_of;

use anyrt::{JoinHandle, Spawn, Timer};
use anyrt_checks::workspace;
use anyrt_conformance::{Suite, backends, specifications};
use differences::{DIFFERENCES, RUNTIMES};

const PAGE: &str = "docs/runtimes.md";

#[test]
fn the_page_of_the_runtimes_is_fresh() {
    workspace::assert_fresh(PAGE, &page());
}

#[test]
fn every_backend_belongs_to_a_column() {
    for backend in backends::all() {
        let key = backend.key();
        assert!(RUNTIMES.iter().any(|it| key.starts_with(it)), "{key}");
    }
}

fn page() -> String {
    let mut text = String::from(
        "# What differs between the runtimes\n\n\
         Through anyrt an operation means the same on every runtime, as [semantics.md](semantics.md) says. This page holds the rest: what \
         the runtimes\ndo not let a layer change. It is generated from `checks/tests/manual/differences.rs`, from the types, and from what \
         the backends of the\nconformance suite declare, by `ANYRT_BLESS=1 cargo test -p anyrt-checks --test runtimes_page`. \
         The adapters' READMEs\n([tokio](../adapter-tokio/README.md), [smol](../adapter-smol/README.md), \
         [async-std](../adapter-async-std/README.md),\n[compio](../adapter-compio/README.md), [sim](../adapter-sim/README.md)) say more of each.\n\n\
         ## By their nature\n\n",
    );
    line(&mut text, "subject", RUNTIMES.map(String::from));
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    line(
        &mut text,
        "size of a `JoinHandle`",
        [
            bytes::<JoinHandle<<anyrt::tokio::Tokio as Spawn>::Task<u64>>>(),
            bytes::<JoinHandle<<anyrt::smol::Smol as Spawn>::Task<u64>>>(),
            bytes::<JoinHandle<<anyrt_async_std::AsyncStd as Spawn>::Task<u64>>>(),
            bytes::<JoinHandle<anyrt_compio::LocalTask<u64>>>(),
            bytes::<JoinHandle<<anyrt_sim::Sim as Spawn>::Task<u64>>>(),
        ],
    );
    line(
        &mut text,
        "size of a sleep",
        [
            bytes::<<anyrt::tokio::Tokio as Timer>::Sleep>(),
            bytes::<<anyrt::smol::Smol as Timer>::Sleep>(),
            bytes::<<anyrt_async_std::AsyncStd as Timer>::Sleep>(),
            bytes::<anyrt_compio::Sleep>(),
            bytes::<<anyrt_sim::Sim as Timer>::Sleep>(),
        ],
    );
    for (subject, cells) in DIFFERENCES {
        line(&mut text, subject, cells.map(String::from));
    }
    text.push_str(
        "\nSizes are those of 64-bit machines; the handle is that of a task that yields a `u64`.\n",
    );
    deviations(&mut text);
    text
}

fn line(text: &mut String, subject: &str, cells: [String; 5]) {
    writeln!(text, "| {subject} | {} |", cells.join(" | ")).expect("a string takes any text");
}

fn bytes<T>() -> String {
    format!("{} bytes", size_of::<T>())
}

/// The rules that a backend is declared not to keep, in the order of the specification; one line for the same reason.
fn deviations(text: &mut String) {
    text.push_str(
        "\n## Declared deviations\n\n\
         Rules that a backend does not keep. The suite runs them all the same, and is red when a backend keeps one that it is \
         declared not to.\n\n\
         | rule | backends | why |\n| --- | --- | --- |\n",
    );
    let backends = backends::all();
    for rule in Suite::new(specifications(), []).rules() {
        let id = rule.id();
        let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
        for backend in &backends {
            let Some(reason) = backend.deviation(&id) else {
                continue;
            };
            match said.iter_mut().find(|(it, _)| *it == reason) {
                Some((_, keys)) => keys.push(backend.key()),
                None => said.push((reason, vec![backend.key()])),
            }
        }
        for (reason, keys) in said {
            let reason = reason.replace('|', "\\|");
            writeln!(text, "| `{id}` | {} | {reason} |", keys.join(", "))
                .expect("a string takes any text");
        }
    }
}
