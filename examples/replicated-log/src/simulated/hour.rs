use std::sync::atomic::Ordering;
use std::time::Duration;

use anyrt_core::{Launch, prelude::*};
use anyrt_sim::Sim;
use futures::future::join_all;

use super::cluster::Cluster;

/// What an hour of a simulated cluster was.
#[derive(Clone, Copy, Debug)]
pub struct Hour {
    /// How many terms were won.
    pub elections: usize,
    /// How many writes were acknowledged.
    pub writes: usize,
    /// How many reads were answered.
    pub reads: usize,
    /// How many polls it took.
    pub steps: u64,
}

/// Runs five nodes and two clients for so long, in virtual time, while nothing fails. Each client asks twice a second or so.
pub fn hour(lasts: Duration) -> Hour {
    let owner = Sim::builder().step_limit(u64::MAX).build();
    let sim = owner.handle();
    owner.block_on(async {
        let mut cluster = Cluster::new(&sim, 5, 2, None);
        cluster.pause = Duration::from_secs(1);
        for (id, host) in cluster.nodes.iter().enumerate() {
            let main = cluster.main(id);
            host.restart(|rt| main(rt)).detach();
        }
        let working = cluster.start_clients();
        sim.sleep(lasts).await;
        cluster.is_enough.store(true, Ordering::Relaxed);
        for ended in join_all(working).await {
            ended.expect("a client is served");
        }
        let (elections, writes, reads) = cluster.watch.totals();
        Hour {
            elections,
            writes,
            reads,
            steps: sim.steps(),
        }
    })
}
