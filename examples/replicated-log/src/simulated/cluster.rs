use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyrt_core::JoinHandle;
use anyrt_net::prelude::*;
use anyrt_sim::net::Host;
use anyrt_sim::{Sim, Task};
use futures::future::BoxFuture;

use super::storage::SimDisk;
use crate::log::{Bug, Client, Config, Mark, Watch, serve};
use crate::workload::Workload;

const PORT: u16 = 7000;

/// Nodes and clients on hosts of their own.
pub(super) struct Cluster {
    pub(super) nodes: Vec<Host>,
    pub(super) clients: Vec<Host>,
    pub(super) watch: Arc<Watch>,
    pub(super) is_enough: Arc<AtomicBool>,
    pub(super) bug: Option<Bug>,
    /// How many entries go into one message.
    pub(super) batch: usize,
    /// How long a sync takes at most.
    pub(super) slowest_sync: Duration,
    /// How long a client waits between its questions at most.
    pub(super) pause: Duration,
    /// How long a client waits for an answer before it asks again.
    pub(super) patience: Duration,
}

/// What a host runs each time that it is started.
pub(super) type Main = Arc<dyn Fn(Sim) -> BoxFuture<'static, ()> + Send + Sync>;

impl Cluster {
    pub(super) fn new(sim: &Sim, nodes: usize, clients: usize, bug: Option<Bug>) -> Self {
        let nodes: Vec<Host> = (0..nodes).map(|id| sim.host(format!("n{id}"))).collect();
        let (clock, marked) = (sim.clone(), nodes.clone());
        let watch = Watch::new(|what| panic!("{what}")).marking(
            move || clock.elapsed(),
            move |Mark { node, at, what }| marked[node].handle().pin_at(at, what),
        );
        Self {
            nodes,
            clients: (1..=clients).map(|id| sim.host(format!("c{id}"))).collect(),
            watch: Arc::new(watch),
            is_enough: Arc::default(),
            bug,
            batch: 2,
            slowest_sync: Duration::from_millis(8),
            pause: Duration::from_millis(200),
            patience: Duration::from_millis(150),
        }
    }

    fn addrs(&self) -> Vec<SocketAddr> {
        let addr = |host: &Host| (host.addr(), PORT).into();
        self.nodes.iter().map(addr).collect()
    }

    /// The program of a node.
    pub(super) fn main(&self, id: usize) -> Main {
        let host = self.nodes[id].clone();
        let disk = SimDisk::new(&host, self.slowest_sync);
        let (addrs, watch) = (self.addrs(), Arc::clone(&self.watch));
        let (bug, batch) = (self.bug, self.batch);
        let starts = AtomicU64::new(0);
        Arc::new(move |rt| {
            let mut config = Config::new(id, addrs.clone());
            config.starts = starts.fetch_add(1, Ordering::Relaxed);
            config.seed = host.rng_for(&format!("start {}", config.starts)).u64();
            (config.bug, config.batch) = (bug, batch);
            let (disk, watch) = (disk.clone(), Arc::clone(&watch));
            Box::pin(async move {
                let listener = rt.tcp_listen(config.nodes[id]).expect("the port is free");
                let ended = serve(rt, listener, disk, config, watch).await;
                panic!("n{id} ended: {ended:?}");
            })
        })
    }

    /// Starts the clients, which end when it is [enough](Self::is_enough) and they were answered three times more.
    pub(super) fn start_clients(&self) -> Vec<JoinHandle<Task<()>>> {
        let start = |(host, client): (&Host, u64)| {
            let workload = Workload {
                client,
                // A write may wait for long, and the first client is to go on reading.
                reads: if client == 1 { 15 } else { 6 },
                pause: self.pause,
                seed: host.rng_for("workload").u64(),
                is_enough: Arc::clone(&self.is_enough),
                rest: 3,
            };
            let (addrs, watch, bug) = (self.addrs(), Arc::clone(&self.watch), self.bug);
            let patience = self.patience;
            host.restart(move |rt| async move {
                let client = Client::new(rt.clone(), client, addrs, bug).patience(patience);
                workload.run(rt, client, &watch).await;
            })
        };
        self.clients.iter().zip(1..).map(start).collect()
    }
}
