use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_net::prelude::*;
use anyrt_sim::Rng;

use super::disk::RamDisk;
use super::nemesis::Nemesis;
use super::runtime::Turmoil;
use crate::log::{Bug, Client, Config, Watch, serve};
use crate::search::{Row, processor_time};
use crate::workload::Workload;

pub(super) type Disks = [RamDisk<Turmoil>];

const PORT: u16 = 7000;
const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Looks for a bug under turmoil, in as many seeds as there are in so much processor time.
pub fn find(bug: Bug, limit: Duration) -> Row {
    let begun = processor_time();
    let (mut tried, mut says) = (0, None);
    while says.is_none() && processor_time() - begun < limit {
        says = storm(tried, Some(bug));
        tried += 1;
    }
    Row {
        bug,
        seed: says.as_ref().map(|_| tried - 1),
        tried,
        shown_by: None,
        took: processor_time() - begun,
        says: says.unwrap_or_default(),
    }
}

/// The storm of the simulation, with those faults that turmoil has. Returns what went wrong.
fn storm(seed: u64, bug: Option<Bug>) -> Option<String> {
    let mut rng = Rng::seeded(seed);
    let wrong = Arc::new(Mutex::new(None::<String>));
    let watch = Arc::new(Watch::new({
        let wrong = Arc::clone(&wrong);
        move |what| {
            wrong.lock().expect("nothing panics").get_or_insert(what);
        }
    }));
    let count = if rng.chance(0.8) { 3 } else { 5 };
    let batch = *rng.choose(&[1, 1, 2, 4]).expect("there are four");
    let slowest_sync = if rng.chance(0.5) { 8 * MS } else { 40 * MS };
    let pause = if rng.chance(0.5) { 40 * MS } else { 200 * MS };
    let patience = if rng.chance(0.5) { 70 * MS } else { 150 * MS };
    let latency = if rng.chance(0.5) {
        (Duration::ZERO, 2 * MS)
    } else {
        (2 * MS, 25 * MS)
    };
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .simulation_duration(70 * SECOND)
        .min_message_latency(latency.0)
        .max_message_latency(latency.1)
        .enable_random_order()
        // Of segments; the 64 of the beginning panic in what a partition held.
        .tcp_capacity(4096)
        .build();
    let ip = |index: usize| IpAddr::from(Ipv4Addr::new(192, 168, 0, 1 + index as u8));
    let nodes: Vec<IpAddr> = (0..count).map(ip).collect();
    let clients: Vec<IpAddr> = (count..count + 3).map(ip).collect();
    let addrs: Vec<SocketAddr> = nodes.iter().map(|&node| (node, PORT).into()).collect();
    let mut disks = Vec::new();
    for (id, &node) in nodes.iter().enumerate() {
        let disk = RamDisk::new(Turmoil, rng.u64(), slowest_sync);
        disks.push(disk.clone());
        let (addrs, watch, seed) = (addrs.clone(), Arc::clone(&watch), rng.u64());
        let starts = AtomicU64::new(0);
        sim.host(node, move || {
            let mut config = Config::new(id, addrs.clone());
            config.starts = starts.fetch_add(1, Ordering::Relaxed);
            config.seed = Rng::seeded(seed ^ config.starts).u64();
            (config.bug, config.batch) = (bug, batch);
            let (disk, watch) = (disk.clone(), Arc::clone(&watch));
            async move {
                let listener = Turmoil.tcp_listen(config.nodes[id])?;
                Ok(serve(Turmoil, listener, disk, config, watch).await?)
            }
        });
    }
    let (is_enough, served) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    for (&client, number) in clients.iter().zip(1..) {
        let workload = Workload {
            client: number,
            reads: if number == 1 { 15 } else { 6 },
            pause,
            seed: rng.u64(),
            is_enough: Arc::clone(&is_enough),
            rest: 3,
        };
        let (addrs, watch, served) = (addrs.clone(), Arc::clone(&watch), Arc::clone(&served));
        sim.client(client, async move {
            let client = Client::new(Turmoil, number, addrs, bug).patience(patience);
            workload.run(Turmoil, client, &watch).await;
            served.fetch_add(1, Ordering::Relaxed);
            std::future::pending().await
        });
    }
    let mut nemesis = Nemesis::new(rng);
    let step = |sim: &mut turmoil::Sim<'_>| match sim.step() {
        Err(error) => Some(error.to_string()),
        Ok(_) => wrong.lock().expect("nothing panics").take(),
    };
    while sim.elapsed() < 20 * SECOND {
        nemesis.step(&mut sim, &nodes, &clients, &watch, &disks);
        if let Some(wrong) = step(&mut sim) {
            return Some(wrong);
        }
    }
    nemesis.stop(&mut sim, &nodes);
    is_enough.store(true, Ordering::Relaxed);
    let until = sim.elapsed() + 10 * SECOND;
    while served.load(Ordering::Relaxed) < clients.len() {
        if let Some(wrong) = step(&mut sim) {
            return Some(wrong);
        }
        if sim.elapsed() > until {
            return Some(
                "no progress: all faults ended 10s ago, and a client still waits for its answer"
                    .into(),
            );
        }
    }
    let mut elections = 0;
    for part in 0..2 {
        let until = sim.elapsed() + 3 * SECOND;
        while sim.elapsed() < until {
            if let Some(wrong) = step(&mut sim) {
                return Some(wrong);
            }
        }
        if part == 0 {
            elections = watch.totals().0;
        }
    }
    let more = watch.totals().0 - elections;
    (more > 0).then(|| format!("no peace: {more} elections in 3s in which nothing failed"))
}
