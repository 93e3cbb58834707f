//! The same log on real sockets and real files, on three runtimes, without a changed line.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{fs, process};

use anyrt_core::{Config as Options, Launch};
use anyrt_net::prelude::*;
use anyrt_replicated_log::Workload;
use anyrt_replicated_log::log::{Client, Config, Files, Watch, serve};
use futures::future::join_all;

/// Three nodes and two clients on the loopback. Each client is answered 20 times.
async fn clients_are_served_and_nothing_is_lost<R: NetRuntime>(rt: R, name: &'static str) {
    let watch = Arc::new(Watch::new(|what| panic!("{what}")));
    let listen = |_| rt.tcp_listen(([127, 0, 0, 1], 0).into()).expect("listens");
    let listeners: Vec<_> = (0..3).map(listen).collect();
    let addrs: Vec<_> = listeners
        .iter()
        .map(|it| it.local_addr().expect("has one"))
        .collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.join(format!("replicated-log-{name}-{}", process::id()));
    let mut nodes = Vec::new();
    for (id, listener) in listeners.into_iter().enumerate() {
        let folder = folder.join(id.to_string());
        fs::create_dir_all(&folder).expect("makes a folder");
        let mut config = Config::new(id, addrs.clone());
        // A busy machine is no failure of the network.
        for time in [
            &mut config.heartbeat,
            &mut config.election,
            &mut config.lease,
            &mut config.patience,
        ] {
            *time *= 4;
        }
        config.seed = id as u64 + 1;
        let files = Files::new(rt.clone(), folder);
        nodes.push(rt.spawn(serve(rt.clone(), listener, files, config, watch.clone())));
    }
    let working = (1..=2).map(|number| {
        let workload = Workload {
            client: number,
            reads: 6,
            pause: Duration::from_millis(1),
            seed: number,
            is_enough: Arc::new(AtomicBool::new(true)),
            rest: 20,
        };
        let client = Client::new(rt.clone(), number, addrs.clone(), None);
        let client = client.patience(Duration::from_secs(2));
        let (rt, watch) = (rt.clone(), Arc::clone(&watch));
        let spawner = rt.clone();
        spawner.spawn(async move { workload.run(rt, client, &watch).await })
    });
    for ended in join_all(working).await {
        ended.expect("a client is served");
    }
    let (elections, acknowledged, reads) = watch.totals();
    assert!(elections > 0 && acknowledged > 0 && reads > 0, "{watch:?}");
    assert_eq!(acknowledged + reads, 40);
    // What was acknowledged is in the files of a majority.
    let logs = (0..3).filter_map(|id| fs::read(folder.join(id.to_string()).join("log")).ok());
    let lines = logs.map(|log| log.split(|&byte| byte == b'\n').count());
    assert!(lines.filter(|&lines| lines > acknowledged).count() >= 2);
    for mut node in nodes {
        assert!(!node.is_finished(), "a node ended");
        node.abort();
    }
    // A closure that still writes may make a file anew meanwhile. What remains is in the build's own folder for such things.
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn on_tokio() {
    on::<anyrt_tokio::Owned>(Options::new().worker_threads(2), "tokio");
}

#[test]
fn on_smol() {
    on::<anyrt_smol::Owned>(Options::new().worker_threads(2), "smol");
}

#[test]
fn on_async_std() {
    on::<anyrt_async_std::Global>(Options::new(), "async-std");
}

/// Fails when it has not ended after a minute.
fn on<L: Launch<Handle: NetRuntime>>(options: Options, name: &'static str) {
    let (done, end) = channel();
    let thread = std::thread::spawn(move || {
        let owner = L::launch(options).expect("starts");
        owner.block_on(clients_are_served_and_nothing_is_lost(owner.handle(), name));
        done.send(()).ok();
    });
    if let Err(RecvTimeoutError::Timeout) = end.recv_timeout(Duration::from_secs(60)) {
        panic!("the test hangs on {name}");
    }
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
