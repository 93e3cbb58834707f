use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use anyrt_core::Instant;
use anyrt_net::prelude::*;

use super::connection::Connection;
use super::message::{Answer, Appended, Request, Voted};
use super::node::Node;
use super::{Bug, Storage};

/// Tells another node what it has to know, over one connection after the other.
pub(super) async fn link<R: NetRuntime, S: Storage>(node: Arc<Node<R, S>>, peer: usize) {
    let mut reconnects = false;
    loop {
        let connecting = node.rt.tcp_connect(node.config.nodes[peer]);
        if let Ok(Ok(stream)) = node.rt.timeout(node.config.patience, connecting).await {
            let misses_one = reconnects && node.config.has(Bug::LostWake);
            // What it ends with says nothing but that it is time to connect anew.
            let _ended = talk(&node, peer, stream, misses_one).await;
            reconnects = true;
        }
        node.rt.sleep(node.config.heartbeat).await;
    }
}

async fn talk<R: NetRuntime, S: Storage>(
    node: &Node<R, S>,
    peer: usize,
    stream: R::TcpStream,
    misses_one: bool,
) -> io::Result<Infallible> {
    let mut connection = Connection::new(stream, node.config.bug);
    if misses_one {
        node.signals[peer].wait(true).await;
    }
    loop {
        while let Some(request) = node.request_for(peer).await {
            let sent = node.rt.now();
            let answer = connection
                .ask(&node.rt, &request, node.config.patience)
                .await?;
            if let Some(answer) = answer {
                node.answered(peer, &request, sent, answer).await?;
            }
        }
        node.signals[peer].wait(false).await;
    }
}

impl<R: NetRuntime, S: Storage> Node<R, S> {
    async fn request_for(&self, peer: usize) -> Option<Request> {
        let mut state = self.state.lock().await;
        state
            .vote_request(peer)
            .or_else(|| state.append_request(peer))
    }

    async fn answered(
        &self,
        peer: usize,
        request: &Request,
        sent: Instant,
        answer: Answer,
    ) -> io::Result<()> {
        let mut state = self.state.lock().await;
        match (request, answer) {
            (_, Answer::Voted(Voted { term, .. }) | Answer::Appended(Appended { term, .. }))
                if term > state.term =>
            {
                state.adopt(term).await?
            }
            (Request::Vote(asked), Answer::Voted(answer)) => {
                state.voted(peer, asked.term, answer.granted).await?;
                self.notify();
            }
            (Request::Append(append), Answer::Appended(answer)) => {
                state.appended(peer, append, sent, &answer);
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(())
    }
}
