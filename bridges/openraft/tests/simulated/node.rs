//! A node: what runs on a host of the simulation, from its start to its end.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::TcpStream;
use openraft::alias::SnapshotOf;
use openraft::async_runtime::watch::WatchReceiver as _;
use openraft::{Config, EmptyNode, Raft, SnapshotPolicy};
use openraft_rt::AsyncRuntime as _;

use crate::checks::Checks;
use crate::cluster::MS;
use crate::machine::Machine;
use crate::store::Log;
use crate::types::{Rt, State, Types};
use crate::wire::{Answer, Ask, Peers, address, receive, send};

type Node = Raft<Types, Machine>;

/// What all nodes of a cluster are given.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) checks: Checks,
    pub(crate) syncs_votes: bool,
}

/// The nodes that the cluster begins with.
pub(crate) const FIRST: [u64; 3] = [1, 2, 3];

fn config() -> Config {
    Config {
        heartbeat_interval: 50,
        election_timeout_min: 150,
        election_timeout_max: 300,
        install_snapshot_timeout: 400,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(20),
        max_in_snapshot_log_to_keep: 5,
        backoff: "50ms".to_owned(),
        ..Config::default()
    }
}

/// The whole life of a process. openraft's random numbers are drawn from a seed of the simulation's, another one in each life.
pub(crate) async fn main(rt: Sim, node: u64, setup: Setup) {
    let seed = rt.rng().u64();
    Rt::scope(seed, serve(rt, node, setup)).await;
}

async fn serve(rt: Sim, node: u64, setup: Setup) {
    let disk = rt.host(address(node).ip().to_string()).disk();
    let log = Log::open(disk.clone(), setup.checks.clone(), setup.syncs_votes);
    let machine = Machine::open(node, disk, setup.checks.clone());
    let peers = Peers {
        rt: rt.clone(),
        node,
        checks: setup.checks.clone(),
    };
    let config = Arc::new(config().validate().expect("is sound"));
    let raft = Node::new(node, config, peers, log, machine)
        .await
        .expect("starts");
    if node == FIRST[0] && !raft.is_initialized().await.expect("runs") {
        let members: BTreeMap<_, _> = FIRST.map(|node| (node, EmptyNode {})).into();
        raft.initialize(members).await.expect("is new");
    }
    // openraft asks the task for random numbers, so its tasks are spawned by it.
    drop(Rt::spawn(watch(raft.clone(), node, setup.checks)));
    let listener = rt
        .tcp_listen((Ipv4Addr::UNSPECIFIED, address(node).port()).into())
        .expect("the port is free");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(Rt::spawn(answer_all(stream, raft.clone()))),
            // A connection that was reset before it was accepted. The next one may be well.
            Err(_) => rt.sleep(MS).await,
        }
    }
}

/// Says when the node leads.
async fn watch(raft: Node, node: u64, checks: Checks) {
    let mut metrics = raft.metrics();
    loop {
        let leads = {
            let metrics = metrics.borrow_and_update();
            metrics.state.is_leader().then_some(metrics.current_term)
        };
        if let Some(term) = leads {
            checks.leads(node, term);
        }
        if metrics.changed().await.is_err() {
            return;
        }
    }
}

async fn answer_all(mut stream: TcpStream, raft: Node) {
    while let Ok(ask) = receive(&mut stream).await {
        let answer = answer(&raft, ask).await;
        if send(&mut stream, &answer).await.is_err() {
            return;
        }
    }
}

async fn answer(raft: &Node, ask: Ask) -> Answer {
    fn or_failed<T, E: Display>(result: Result<T, E>, answer: impl FnOnce(T) -> Answer) -> Answer {
        match result {
            Ok(value) => answer(value),
            Err(error) => Answer::Failed(error.to_string()),
        }
    }
    match ask {
        Ask::Append(rpc) => or_failed(raft.append_entries(rpc).await, Answer::Append),
        Ask::Vote(rpc) => or_failed(raft.vote(rpc).await, Answer::Vote),
        Ask::PreVote(rpc) => or_failed(raft.pre_vote(rpc).await, Answer::Vote),
        Ask::Snapshot(vote, meta, state) => {
            let snapshot = SnapshotOf::<Types, State> {
                meta,
                snapshot: state,
            };
            let installed = raft.install_full_snapshot(vote, snapshot).await;
            or_failed(installed, Answer::Snapshot)
        }
        Ask::Put(put) => or_failed(raft.client_write(put).await, |written| {
            Answer::Done(written.data)
        }),
        Ask::AddLearner(node) => {
            let added = raft.add_learner(node, EmptyNode {}, false).await;
            or_failed(added, |added| Answer::Done(added.log_id.index))
        }
        Ask::Voters(nodes) => {
            let changed = raft.change_membership(nodes, true).await;
            or_failed(changed, |changed| Answer::Done(changed.log_id.index))
        }
    }
}
