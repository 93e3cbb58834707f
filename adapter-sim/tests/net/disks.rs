use std::collections::BTreeSet;
use std::io::ErrorKind;

use anyrt_core::prelude::*;
use anyrt_sim::Sim;

use crate::setup::check;

/// What is left of a log after a crash, under a seed: 8 synced bytes, and three writes of 4 that were not.
fn left(seed: u64) -> Vec<u8> {
    let rt = Sim::builder().seed(seed).build();
    let node = rt.handle().host("node");
    let disk = node.disk();
    disk.append("log", &[1; 8]).unwrap();
    disk.sync("log").unwrap();
    for i in 2..5 {
        disk.append("log", &[i; 4]).unwrap();
    }
    node.crash();
    rt.block_on(node.restart(|_| async {})).unwrap();
    disk.read("log").unwrap()
}

#[test]
fn a_crash_spares_what_was_synced_and_draws_the_rest() {
    let all: Vec<_> = (0..100).map(left).collect();
    assert!(all.iter().all(|log| log.starts_with(&[1; 8])));
    assert_eq!(all[17], left(17));
    let kinds: BTreeSet<_> = all.iter().collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    // All lost, all kept, torn, and a later write kept where an earlier one is lost.
    assert!(all.iter().any(|log| log.len() == 8));
    assert!(all.iter().any(|log| log.len() == 20 && !log.contains(&0)));
    assert!(all.iter().any(|log| log.len() % 4 != 0));
    assert!(all.iter().any(|log| log[8..].starts_with(&[0; 4])));
}

#[test]
fn a_crash_brings_nothing_back_that_was_cut_off() {
    for seed in 0..30 {
        let rt = Sim::builder().seed(seed).build();
        let node = rt.handle().host("node");
        let disk = node.disk();
        for part in [b"ab", b"cd", b"ef"] {
            disk.append("log", part).unwrap();
        }
        disk.truncate("log", 3).unwrap();
        node.crash();
        rt.block_on(node.restart(|_| async {})).unwrap();
        let left = disk.read("log").unwrap();
        assert!(left.len() <= 3, "cut to 3 bytes, {left:?} by seed {seed}");
    }
}

#[test]
fn a_kill_loses_nothing() {
    check(|sim| async move {
        let node = sim.host("node");
        node.disk().append("log", b"unsynced").unwrap();
        node.kill();
        assert_eq!(node.disk().read("log").unwrap(), b"unsynced");
    });
}

#[test]
fn a_destructor_writes_nothing_after_a_crash() {
    struct OnDrop(anyrt_sim::net::Disk);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.append("log", b"goodbye").unwrap_err();
        }
    }
    check(|sim| async move {
        let node = sim.host("node");
        let on_drop = OnDrop(node.disk());
        node.handle().spawn_detached(async move {
            let _on_drop = on_drop;
            std::future::pending::<()>().await;
        });
        sim.sleep(crate::setup::MS).await;
        node.crash();
        assert_eq!(
            node.disk().read("log").unwrap_err().kind(),
            ErrorKind::Other
        );
        node.restart(|_| async {}).await.unwrap();
        assert_eq!(
            node.disk().read("log").unwrap_err().kind(),
            ErrorKind::NotFound
        );
    });
}

#[test]
fn files_are_cut_removed_and_listed() {
    check(|sim| async move {
        let disk = sim.host("node").disk();
        disk.write("b", 2, b"xy").unwrap();
        disk.append("a", b"12345").unwrap();
        assert_eq!(disk.read("b").unwrap(), b"\0\0xy");
        disk.truncate("a", 2).unwrap();
        assert_eq!(disk.read("a").unwrap(), b"12");
        assert_eq!(
            disk.files().iter().map(|name| &**name).collect::<Vec<_>>(),
            ["a", "b"]
        );
        disk.remove("a").unwrap();
        assert_eq!(disk.sync("a").unwrap_err().kind(), ErrorKind::NotFound);
        disk.set_failure(1.0);
        assert_eq!(disk.sync("b").unwrap_err().kind(), ErrorKind::Other);
    });
}
