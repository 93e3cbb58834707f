//! The threads that each form starts. One test alone in its process, because it counts them all.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::thread::available_parallelism;
use std::time::Duration;

use anyrt_async_std::{AsyncStd, Local};
use anyrt_core::{Config, prelude::*};

use common::{Gate, eventually, threads, within};

/// How many threads there are of each kind, without the test's own.
fn kinds() -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for name in threads("") {
        let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
        // Linux keeps 15 bytes of a name.
        if ["async-std/runti", "async-io", "blocking-"].contains(&kind) {
            *kinds.entry(kind.to_owned()).or_default() += 1;
        }
    }
    kinds
}

fn expect(expected: &[(&str, usize)]) {
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(kind, n)| ((*kind).to_owned(), *n))
        .collect();
    // Threads take their names once they run.
    eventually(|| kinds() == expected);
}

#[test]
fn only_documented_threads_are_started() {
    within(|| {
        let workers = available_parallelism().map_or(1, usize::from);
        let before = threads("").len();
        let global = AsyncStd::global();
        let local = Local::launch(Config::new()).unwrap();
        let sleep = global.sleep(Duration::from_millis(1));
        assert_eq!(threads("").len(), before);

        local.block_on(async { local.handle().spawn_local(async {}).await.unwrap() });
        expect(&[("async-io", 1)]);

        // The thread of the pool ends when it has been idle, at a time of its own. So the closure runs while it is counted.
        let gate = Gate::new();
        let opened = gate.clone();
        let closure = local.handle().spawn_blocking(move || opened.wait());
        expect(&[("async-io", 1), ("blocking-", 1)]);
        gate.open();
        local.block_on(closure).unwrap();

        global.block_on(sleep);
        // By now that thread may have ended.
        let without_pool = || kinds().into_iter().filter(|(kind, _)| kind != "blocking-");
        let expected = [("async-io", 1), ("async-std/runti", workers)];
        let expected = expected.map(|(kind, n)| (kind.to_owned(), n));
        eventually(|| without_pool().eq(expected.clone()));

        global.block_on(global.spawn(async {})).unwrap();
        eventually(|| without_pool().eq(expected.clone()));
        assert!(threads("").len() <= before + 2 + workers);
    });
}
