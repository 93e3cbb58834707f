//! Five hosts, a client, an administrator, and what happens to them.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::{Faults, Host};

use crate::checks::Checks;
use crate::node::{self, Setup};
use crate::types::Put;
use crate::wire::{Answer, Ask, Peer, address};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) const NODES: [u64; 5] = [1, 2, 3, 4, 5];

pub(crate) struct Cluster {
    pub(crate) sim: Sim,
    pub(crate) checks: Checks,
    pub(crate) hosts: Vec<Host>,
    pub(crate) client: Host,
    setup: Setup,
}

impl Cluster {
    /// Five nodes, of which three vote at first.
    pub(crate) fn start(sim: &Sim, syncs_votes: bool) -> Self {
        let checks = Checks::default();
        let setup = Setup {
            checks: checks.clone(),
            syncs_votes,
        };
        sim.network().latency(MS..=20 * MS);
        let hosts = NODES.map(|node| sim.host(address(node).ip().to_string()));
        let cluster = Self {
            sim: sim.clone(),
            checks,
            hosts: hosts.into(),
            client: sim.host("client"),
            setup,
        };
        for node in NODES {
            cluster.restart(node);
        }
        cluster
    }

    pub(crate) fn host(&self, node: u64) -> &Host {
        &self.hosts[node as usize - 1]
    }

    pub(crate) fn restart(&self, node: u64) {
        let setup = self.setup.clone();
        let main = move |rt| node::main(rt, node, setup);
        self.host(node).restart(main).detach();
    }

    /// Adds the cluster's nodes to those that faults strike.
    pub(crate) fn struck_by(&self, faults: Faults) -> Faults {
        NODES.into_iter().fold(faults, |faults, node| {
            let setup = self.setup.clone();
            faults.node(self.host(node), move |rt| {
                node::main(rt, node, setup.clone())
            })
        })
    }

    /// The leader of the last term that has one.
    pub(crate) fn leader(&self) -> Option<(u64, u64)> {
        let last = |seen: &mut crate::checks::Seen| {
            let (term, node) = seen.leaders.last_key_value()?;
            Some((*term, *node))
        };
        self.checks.with(last)
    }

    /// Waits until `holds`.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..3000 {
            if holds(self) {
                return;
            }
            self.sim.sleep(20 * MS).await;
        }
        let seen = self.checks.with(|seen| seen.summary());
        panic!("a minute without faults, and still not: {what}; {seen}");
    }

    /// Asks node after node until one does it.
    pub(crate) async fn admin(&self, ask: Ask) -> u64 {
        let rt = self.client.handle();
        let mut peers = NODES.map(|node| Peer::new(&rt, node));
        for turn in 0..10_000_usize {
            let peer = &mut peers[turn % NODES.len()];
            if let Ok(Answer::Done(index)) = peer.ask(&ask, SECOND).await {
                return index;
            }
            rt.sleep(20 * MS).await;
        }
        panic!("nobody does {ask:?}");
    }

    /// Adds the two others, and lets all five vote.
    pub(crate) async fn grow(&self) {
        for node in NODES {
            if !node::FIRST.contains(&node) {
                self.admin(Ask::AddLearner(node)).await;
            }
        }
        self.admin(Ask::Voters(NODES.into())).await;
    }

    /// Puts numbers, each until it is answered, from `first` on.
    pub(crate) async fn put(&self, first: u64, count: u64) {
        let numbers = first..first + count;
        let checks = self.checks.clone();
        let putting = self.client.handle().spawn_named("client", async move {
            let rt = Sim::current();
            let mut peers = NODES.map(|node| Peer::new(&rt, node));
            let mut turn = 0;
            for number in numbers {
                let ask = Ask::Put(Put { number });
                loop {
                    let peer = &mut peers[turn % NODES.len()];
                    if let Ok(Answer::Done(_)) = peer.ask(&ask, SECOND / 2).await {
                        break;
                    }
                    turn += 1;
                    rt.sleep(20 * MS).await;
                }
                checks.with(|seen| seen.answered.insert(number));
                rt.sleep(10 * MS).await;
            }
        });
        putting.await.expect("the client ends");
    }

    /// All is well again: a request is answered, and every node has what the last one has.
    pub(crate) async fn recovers(&self) {
        let number = u64::MAX;
        let index = self.admin(Ask::Put(Put { number })).await;
        self.checks.with(|seen| seen.answered.insert(number));
        self.until("every node applies the last entry", |cluster| {
            cluster.checks.with(|seen| {
                let applied = |node| seen.applied.get(&node).copied().unwrap_or(0);
                NODES.into_iter().all(|node| applied(node) >= index)
            })
        })
        .await;
        self.checks.nothing_is_lost();
    }

    /// Cuts the leader off from all others until they have another one.
    pub(crate) async fn cut_the_leader_off(&self) {
        let (term, leader) = self.leader().expect("somebody leads");
        let others = self.hosts.iter().chain([&self.client]);
        let others: Vec<_> = others
            .filter(|host| host.addr() != address(leader).ip())
            .collect();
        let network = self.sim.network();
        network.partition([self.host(leader)], others.iter().copied());
        self.until("another leader is elected", |cluster| {
            cluster.leader().is_some_and(|(later, _)| later > term)
        })
        .await;
        network.heal([self.host(leader)], others.iter().copied());
    }
}

/// The voters of a change, drawn from the seed: three or all five.
pub(crate) fn some_voters(sim: &Sim) -> BTreeSet<u64> {
    let mut rng = sim.rng();
    let mut nodes = NODES;
    rng.shuffle(&mut nodes);
    nodes
        .into_iter()
        .take(3 + 2 * rng.below(2) as usize)
        .collect()
}

/// The whole course: growth, a leader cut off, changes of members and requests under faults, and recovery.
pub(crate) async fn course(sim: Sim, syncs_votes: bool) -> io::Result<()> {
    let cluster = Cluster::start(&sim, syncs_votes);
    cluster.grow().await;
    cluster.put(0, 30).await;
    cluster.cut_the_leader_off().await;
    let faults = Faults::new()
        .partitions(SECOND, SECOND)
        .one_way_partitions(3 * SECOND, SECOND)
        .crashes(SECOND / 2, SECOND / 2)
        .kills(2 * SECOND, SECOND / 2)
        .pauses(3 * SECOND, SECOND / 2)
        .resets(SECOND);
    let faults = sim.network().faults(cluster.struck_by(faults));
    let changing = async {
        for _ in 0..3 {
            cluster.admin(Ask::Voters(some_voters(&sim))).await;
            sim.sleep(SECOND).await;
        }
    };
    futures::join!(cluster.put(100, 60), changing);
    faults.stop();
    cluster.admin(Ask::Voters(NODES.into())).await;
    cluster.recovers().await;
    Ok(())
}

/// Elections and nothing else: partitions begin them, and nodes crash and are back before they are over.
pub(crate) async fn elections(sim: Sim, syncs_votes: bool) {
    let cluster = Cluster::start(&sim, syncs_votes);
    cluster.grow().await;
    let faults = Faults::new()
        .partitions(SECOND / 4, SECOND / 2)
        .crashes(30 * MS, 30 * MS);
    let faults = sim.network().faults(cluster.struck_by(faults));
    sim.sleep(10 * SECOND).await;
    faults.stop();
}
