use std::io;
use std::pin::pin;
use std::sync::Arc;

use anyrt_core::Runtime;
use anyrt_net::prelude::*;
use futures::StreamExt;
use futures::future::{Either, select};
use futures::lock::Mutex;

use super::connection::Lines;
use super::link::link;
use super::message::{Answer, Elsewhere, Request, Written};
use super::signal::Signal;
use super::state::{Role, State};
use super::{Config, Storage, Watch};

/// What the tasks of a node share.
pub(super) struct Node<R, S> {
    pub(super) rt: R,
    pub(super) config: Config,
    pub(super) state: Mutex<State<R, S>>,
    /// One for each link.
    pub(super) signals: Vec<Signal>,
}

/// Runs a node: answers clients and other nodes at `listener`, and keeps what it has to keep in `storage`.
///
/// It ends when its storage fails or its listener does. `watch` hears what it does.
///
/// # Errors
///
/// Those of the storage and of the listener.
pub async fn serve<R: NetRuntime, S: Storage>(
    rt: R,
    listener: R::TcpListener,
    storage: S,
    config: Config,
    watch: Arc<Watch>,
) -> io::Result<()> {
    let state = State::recover(rt.clone(), storage, config.clone(), watch).await?;
    let node = Arc::new(Node {
        rt: rt.clone(),
        state: Mutex::new(state),
        signals: config.nodes.iter().map(|_| Signal::default()).collect(),
        config,
    });
    for peer in (0..node.config.nodes.len()).filter(|&peer| peer != node.config.id) {
        let name = format!("link to n{peer}");
        rt.spawn_named(&name, link(Arc::clone(&node), peer))
            .detach();
    }
    let mut clock = rt.spawn_named("clock", Arc::clone(&node).keep_time());
    // Goes on where a connection fails before it is accepted.
    let mut incoming = pin!(listener.incoming(rt.clone()));
    loop {
        let (stream, from) = match select(incoming.next(), &mut clock).await {
            Either::Left((accepted, _)) => accepted.ok_or(io::ErrorKind::NotConnected)??,
            Either::Right((failed, _)) => return failed.map_err(io::Error::other)?,
        };
        let name = format!("answers {}", from.ip());
        rt.spawn_named(&name, Arc::clone(&node).converse(stream))
            .detach();
    }
}

impl<R: Runtime, S: Storage> Node<R, S> {
    /// Sends heartbeats as a leader, and stands for election when there is none.
    async fn keep_time(self: Arc<Self>) -> io::Result<()> {
        loop {
            let pause = {
                let mut state = self.state.lock().await;
                let now = self.rt.now();
                let stands_at = state.stands_at;
                match &mut state.role {
                    Role::Leader(leader) => {
                        leader.peers.iter_mut().for_each(|peer| peer.is_due = true);
                        self.notify();
                    }
                    _ if now >= stands_at => {
                        state.stand().await?;
                        self.notify();
                    }
                    _ => {}
                }
                match &state.role {
                    Role::Leader(_) => self.config.heartbeat,
                    // Not for longer: it may be leader by then.
                    _ => state
                        .stands_at
                        .saturating_duration_since(now)
                        .min(self.config.heartbeat),
                }
            };
            self.rt.sleep(pause).await;
        }
    }

    pub(super) fn notify(&self) {
        self.signals.iter().for_each(Signal::set);
    }

    async fn converse(self: Arc<Self>, stream: impl Stream) -> io::Result<()> {
        let mut lines = Lines::new(stream);
        loop {
            let Some(line) = lines.next().await? else {
                return Ok(());
            };
            let (number, request) = line.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
            let request = request.parse().map_err(|()| io::ErrorKind::InvalidData)?;
            let number = number.to_owned();
            let answer = self.answer(request).await?;
            lines.write(&format!("{number} {answer}")).await?;
        }
    }

    async fn answer(&self, request: Request) -> io::Result<Answer> {
        let mut state = self.state.lock().await;
        match request {
            Request::Vote(vote) => state.vote(vote).await,
            Request::Append(append) => state.append(append).await,
            Request::Read(_) => Ok(state.read()),
            Request::Write(write) => {
                let committed = match state.propose(write).await? {
                    Ok(committed) => committed,
                    Err(answer) => return Ok(answer),
                };
                drop(state);
                self.notify();
                Ok(match committed.await {
                    Ok(()) => Answer::Written(Written {}),
                    Err(_) => Answer::Elsewhere(Elsewhere { leader: None }),
                })
            }
        }
    }
}
