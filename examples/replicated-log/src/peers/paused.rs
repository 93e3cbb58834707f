use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_tokio::Tokio;

use super::disk::RamDisk;
use crate::log::{Client, Config, Watch, serve};
use crate::workload::Workload;

/// Runs three nodes and a client on the loopback under tokio's paused clock, until the client was answered `answers` times or so much of
/// tokio's time is over. Returns how many terms were won and how many answers came, in how much of tokio's time.
///
/// That clock jumps when no task is ready, and the loopback is no task: a message on its way keeps no timer from firing.
pub fn paused(answers: usize, limit: Duration) -> (usize, usize, Duration) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .start_paused(true)
        .build()
        .expect("starts");
    runtime.block_on(async {
        let rt = Tokio::current();
        let begun = rt.now();
        let watch = Arc::new(Watch::new(|what| println!("{what}")));
        let listen = |_| rt.tcp_listen(([127, 0, 0, 1], 0).into()).expect("listens");
        let listeners: Vec<_> = (0..3).map(listen).collect();
        let addrs: Vec<_> = listeners
            .iter()
            .map(|it| it.local_addr().expect("has one"))
            .collect();
        for (id, listener) in listeners.into_iter().enumerate() {
            let mut config = Config::new(id, addrs.clone());
            config.seed = id as u64 + 1;
            let disk = RamDisk::new(rt.clone(), config.seed, Duration::from_millis(8));
            rt.spawn_detached(serve(
                rt.clone(),
                listener,
                disk,
                config,
                Arc::clone(&watch),
            ));
        }
        let workload = Workload {
            client: 1,
            reads: 6,
            pause: Duration::from_millis(40),
            seed: 1,
            is_enough: Arc::new(AtomicBool::new(true)),
            rest: answers,
        };
        let client = Client::new(rt.clone(), 1, addrs, None);
        let _ = rt
            .timeout(limit, workload.run(rt.clone(), client, &watch))
            .await;
        let (elections, writes, reads) = watch.totals();
        (elections, writes + reads, rt.now() - begun)
    })
}
