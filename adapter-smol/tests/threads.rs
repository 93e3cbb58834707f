//! The threads that each form starts. One test alone in its process, because it counts them all.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use anyrt_core::{Config, prelude::*};
use anyrt_smol::{Local, Owned, Smol};

use common::{Gate, eventually, threads, within};

/// How many threads there are of each kind, without the test's own.
fn kinds() -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for name in threads("") {
        let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if ["smol-", "anyrt-smol-", "async-io", "blocking-"].contains(&kind) {
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
        let before = threads("").len();
        let global = Smol::global();
        let local = Local::launch(Config::new()).unwrap();
        let sleep = global.sleep(Duration::from_millis(1));
        assert_eq!(threads("").len(), before);

        local.block_on(async { local.handle().spawn_local(async {}).await.unwrap() });
        expect(&[("async-io", 1)]);
        global.block_on(sleep);
        expect(&[("async-io", 1)]);

        let owned = Owned::launch(Config::new().worker_threads(2)).unwrap();
        owned.run(async {});
        expect(&[("async-io", 1), ("anyrt-smol-", 2)]);
        drop(owned);
        expect(&[("async-io", 1)]);

        global.block_on(global.spawn(async {})).unwrap();
        expect(&[("async-io", 1), ("smol-", 1)]);

        // The thread of the pool ends when it has been idle, at a time of its own. So the closure runs while it is counted.
        let gate = Gate::new();
        let opened = gate.clone();
        let closure = global.spawn_blocking(move || opened.wait());
        expect(&[("async-io", 1), ("smol-", 1), ("blocking-", 1)]);
        assert_eq!(threads("").len(), before + 3);
        gate.open();
        global.block_on(closure).unwrap();
    });
}
