//! What goes between nodes, and from a client to a node: a length and JSON over TCP.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::TcpStream;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use openraft::alias::{SnapshotMetaOf, SnapshotOf, VoteOf};
use openraft::errors::{RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::RPCOption;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{EmptyNode, OptionalSend, RaftNetworkFactory, RaftNetworkV2};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::checks::Checks;
use crate::types::{Put, State, Types};

const PORT: u16 = 7000;

/// The largest message.
const LIMIT: usize = 1 << 24;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    Append(AppendEntriesRequest<Types>),
    Vote(VoteRequest<Types>),
    PreVote(VoteRequest<Types>),
    Snapshot(VoteOf<Types>, SnapshotMetaOf<Types>, State),
    /// From a client.
    Put(Put),
    AddLearner(u64),
    Voters(BTreeSet<u64>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Append(AppendEntriesResponse<Types>),
    Vote(VoteResponse<Types>),
    Snapshot(SnapshotResponse<Types>),
    Done(u64),
    Failed(String),
}

pub(crate) fn address(node: u64) -> SocketAddr {
    SocketAddr::from((
        [10, 0, 0, u8::try_from(node).expect("a small number")],
        PORT,
    ))
}

pub(crate) async fn send(stream: &mut TcpStream, message: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).expect("a small message");
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(body);
    stream.write_all(&frame).await
}

pub(crate) async fn receive<T: DeserializeOwned>(stream: &mut TcpStream) -> io::Result<T> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LIMIT {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

/// One peer, over a connection that is kept.
#[derive(Debug)]
pub(crate) struct Peer {
    rt: Sim,
    addr: SocketAddr,
    stream: Option<TcpStream>,
    /// Who asks, if it is a node.
    asker: Option<(u64, Checks)>,
}

impl Peer {
    pub(crate) fn new(rt: &Sim, node: u64) -> Self {
        Self {
            rt: rt.clone(),
            addr: address(node),
            stream: None,
            asker: None,
        }
    }

    /// Asks, within a time. A connection on which an answer is missing is given up.
    pub(crate) async fn ask(&mut self, ask: &Ask, time: Duration) -> io::Result<Answer> {
        let mut stream = self.stream.take();
        let rt = self.rt.clone();
        let addr = self.addr;
        let asking = async {
            let mut stream = match stream.take() {
                Some(stream) => stream,
                None => rt.tcp_connect(addr).await?,
            };
            send(&mut stream, ask).await?;
            let answer = receive(&mut stream).await?;
            io::Result::Ok((stream, answer))
        };
        let (stream, answer) = self.rt.timeout(time, asking).await??;
        self.stream = Some(stream);
        Ok(answer)
    }

    async fn rpc(&mut self, ask: &Ask, option: &RPCOption) -> Result<Answer, Unreachable<Types>> {
        match self.ask(ask, option.soft_ttl()).await {
            Ok(Answer::Failed(error)) => Err(Unreachable::from_string(error)),
            Ok(answer) => Ok(answer),
            Err(error) => Err(Unreachable::new(&error)),
        }
    }
}

fn another(answer: &Answer) -> Unreachable<Types> {
    Unreachable::from_string(format!("another answer than asked for: {answer:?}"))
}

impl RaftNetworkV2<Types> for Peer {
    type SnapshotData = State;

    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<Types>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<Types>, RPCError<Types>> {
        if let Some((node, checks)) = &self.asker {
            checks.leads(*node, rpc.vote.leader_id.term);
        }
        match self.rpc(&Ask::Append(rpc), &option).await? {
            Answer::Append(answer) => Ok(answer),
            answer => Err(another(&answer).into()),
        }
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        match self.rpc(&Ask::Vote(rpc), &option).await? {
            Answer::Vote(answer) => Ok(answer),
            answer => Err(another(&answer).into()),
        }
    }

    async fn pre_vote(
        &mut self,
        rpc: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, RPCError<Types>> {
        match self.rpc(&Ask::PreVote(rpc), &option).await? {
            Answer::Vote(answer) => Ok(answer),
            answer => Err(another(&answer).into()),
        }
    }

    async fn full_snapshot(
        &mut self,
        vote: VoteOf<Types>,
        snapshot: SnapshotOf<Types, State>,
        _cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        option: RPCOption,
    ) -> Result<SnapshotResponse<Types>, StreamingError<Types>> {
        let ask = Ask::Snapshot(vote, snapshot.meta, snapshot.snapshot);
        match self.rpc(&ask, &option).await? {
            Answer::Snapshot(answer) => Ok(answer),
            answer => Err(another(&answer).into()),
        }
    }
}

/// Makes the peers of a node.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    pub(crate) rt: Sim,
    pub(crate) node: u64,
    pub(crate) checks: Checks,
}

impl RaftNetworkFactory<Types> for Peers {
    type Network = Peer;

    async fn new_client(&mut self, target: u64, _node: &EmptyNode) -> Peer {
        Peer {
            asker: Some((self.node, self.checks.clone())),
            ..Peer::new(&self.rt, target)
        }
    }
}
