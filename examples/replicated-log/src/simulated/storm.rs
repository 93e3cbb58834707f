use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_sim::net::Faults;
use anyrt_sim::{Rng, Sim};
use futures::future::join_all;

use super::cluster::{Cluster, Main};
use crate::log::Bug;

/// How long things fail.
const STORM: Duration = Duration::from_secs(20);
/// How long clients may wait for their answers when nothing fails any more.
const RECOVERY: Duration = Duration::from_secs(10);
/// How long no leader may be replaced after that.
const CALM: Duration = Duration::from_secs(3);

/// How many millionths of a second a clock gains or loses in a second.
const DRIFT: i32 = 300_000;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Nodes and clients, of which the network, the power and the clocks fail for a while. Then all is well again, and the clients have to
/// be served. What fails, how often and for how long is drawn from the seed.
pub async fn storm(sim: Sim, bug: Option<Bug>) {
    let mut rng = sim.rng_for("scenario");
    let mut cluster = Cluster::new(&sim, if rng.chance(0.8) { 3 } else { 5 }, 3, bug);
    cluster.batch = *rng.choose(&[1, 1, 2, 4]).expect("there are four");
    cluster.slowest_sync = if rng.chance(0.5) { 8 * MS } else { 40 * MS };
    cluster.pause = if rng.chance(0.5) { 40 * MS } else { 200 * MS };
    // Impatient clients find a new leader while the old one still holds itself for it.
    cluster.patience = if rng.chance(0.5) { 70 * MS } else { 150 * MS };
    if rng.chance(0.5) {
        sim.network().latency(2 * MS..=25 * MS);
    }
    let mut faults = draw_faults(&mut rng);
    let mut mains = Vec::new();
    let slow = rng.below(cluster.nodes.len() as u64) as usize;
    for (id, host) in cluster.nodes.iter().enumerate() {
        // As far apart as the leases bear. Real clocks differ by far less, and for far longer.
        host.set_clock_drift(if id == slow { -DRIFT } else { DRIFT });
        let main = cluster.main(id);
        host.restart(|rt| main(rt)).detach();
        mains.push(main.clone());
        faults = faults.node(host, move |rt| main(rt));
    }
    for host in &cluster.clients {
        faults = faults.host(host);
    }
    let working = cluster.start_clients();
    let faults = sim.network().faults(faults);
    // How likely a leader that is struck loses its power; it is cut off otherwise.
    let crashes = *rng
        .choose(&[None, Some(0.9), Some(0.9), Some(0.1), Some(0.1)])
        .expect("there are five");
    if let Some(crashes) = crashes {
        let hunting = hunt(&sim, &mut rng, crashes, &cluster, &mains);
        // It ends by its own.
        let _ = sim.timeout(STORM, hunting).await;
    } else {
        sim.sleep(STORM).await;
    }
    faults.stop();
    cluster.is_enough.store(true, Ordering::Relaxed);
    let served = sim.timeout(RECOVERY, join_all(working)).await;
    assert!(
        served.is_ok(),
        "no progress: all faults ended {RECOVERY:?} ago, and a client still waits for its answer"
    );
    // A leader may still have to hear of a later term.
    sim.sleep(CALM).await;
    let (elections, ..) = cluster.watch.totals();
    sim.sleep(CALM).await;
    let more = cluster.watch.totals().0 - elections;
    assert!(
        more == 0,
        "no peace: {more} elections in {CALM:?} in which nothing failed"
    );
}

/// Which faults come, and how often and how long. Some seeds have few, since much noise hides what needs time.
fn draw_faults(rng: &mut Rng) -> Faults {
    let mut faults = Faults::new();
    let likely = *rng.choose(&[0.15, 0.4, 0.6]).expect("there are three");
    for kind in 0..8 {
        if !rng.chance(likely) {
            continue;
        }
        let every = match rng.chance(0.5) {
            true => 100 * MS + rng.duration(400 * MS),
            false => 500 * MS + rng.duration(2500 * MS),
        };
        let longest = match rng.chance(0.5) {
            true => rng.duration(200 * MS),
            false => 200 * MS + rng.duration(2000 * MS),
        };
        faults = match kind {
            0 => faults.partitions(every, longest),
            1 => faults.one_way_partitions(every, longest),
            2 => faults.holds(every, longest),
            3 => faults.resets(every),
            4 => faults.forgotten_connections(every),
            5 => faults.crashes(every, longest),
            6 => faults.kills(every, longest),
            _ => faults.pauses(every, longest),
        };
    }
    faults
}

/// Strikes leaders: takes their power, soon after they were elected, or cuts them off from the other nodes, or with one of the clients
/// from all others.
async fn hunt(sim: &Sim, rng: &mut Rng, crashes: f64, cluster: &Cluster, mains: &[Main]) {
    let mut elections = 0;
    let longest = *rng.choose(&[200 * MS, 1500 * MS]).expect("there are two");
    loop {
        let patience = sim.elapsed() + rng.duration(SECOND);
        while cluster.watch.totals().0 == elections && sim.elapsed() < patience {
            sim.sleep(5 * MS).await;
        }
        elections = cluster.watch.totals().0;
        let Some(leader) = cluster.watch.leader() else {
            continue;
        };
        let host = &cluster.nodes[leader];
        if rng.chance(crashes) {
            sim.sleep(rng.duration(60 * MS)).await;
            host.crash();
            let (sim, down) = (sim.clone(), rng.duration(longest));
            let (host, main) = (host.clone(), Arc::clone(&mains[leader]));
            sim.clone().spawn_detached(async move {
                sim.sleep(down).await;
                if !host.is_up() {
                    host.restart(|rt| main(rt)).detach();
                }
            });
        } else {
            let (mut here, mut there) = (vec![host], Vec::new());
            there.extend(cluster.nodes.iter().filter(|it| it.name() != host.name()));
            if rng.chance(0.5) {
                here.push(&cluster.clients[0]);
                there.extend(&cluster.clients[1..]);
            }
            // Until the clients have found it.
            sim.sleep(rng.duration(400 * MS)).await;
            sim.network().partition(here.clone(), there.clone());
            sim.sleep(rng.duration(SECOND)).await;
            sim.network().heal(here, there);
        }
    }
}
