use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Pending;
use super::call::{self, Home};
use crate::Sleep;
use crate::host_id::HostId;
use crate::schedule::wait::Wait;

/// A question for the addresses of a name, which the network's table answers after its [delay](super::Network::dns_delay).
/// Dropping it forgets the question.
/// One that fails is in the [log](super::Network::log).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Lookup(State);

#[derive(Debug)]
enum State {
    Literal(SocketAddr),
    Asked {
        shared: Home,
        delay: Sleep,
        name: String,
        port: u16,
        host: HostId,
        fails: bool,
    },
}

impl Lookup {
    /// Asks `shared`'s network.
    pub(super) fn new(shared: &Home, asker: HostId, host: &str, port: u16) -> Self {
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Self(State::Literal(SocketAddr::new(ip, port)));
        }
        let (now, delay, fails) = {
            let mut state = shared.lock();
            let (delay, fails) = state.wire.draw_lookup();
            (state.now, delay, fails)
        };
        // Those who answer from a file need no time.
        let delay = if host == "localhost" { 0 } else { delay };
        Self(State::Asked {
            shared: Home::clone(shared),
            delay: Sleep::new(
                Home::clone(shared),
                HostId::default(),
                now.saturating_add(delay),
            ),
            name: host.to_owned(),
            port,
            host: asker,
            fails: fails && host != "localhost",
        })
    }
}

impl Future for Lookup {
    type Output = io::Result<Vec<SocketAddr>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (shared, delay, name, port, host, fails) = match &mut self.0 {
            State::Literal(addr) => return Poll::Ready(Ok(vec![*addr])),
            State::Asked {
                shared,
                delay,
                name,
                port,
                host,
                fails,
            } => (shared, delay, name, *port, *host, *fails),
        };
        if Pin::new(delay).poll(cx).is_pending() {
            shared.note_wait(Wait::Net(Pending::Lookup));
            return Poll::Pending;
        }
        let found = call::look(shared, |state| state.wire.look_up(name));
        let reason = match (fails, found.is_empty()) {
            (true, _) => "the name server does not answer",
            (false, true) => "no simulated host has this name",
            (false, false) => {
                call::note_lookup(shared, host, name, None);
                let found = found.into_iter().map(|ip| SocketAddr::new(ip, port));
                return Poll::Ready(Ok(found.collect()));
            }
        };
        let message = format!("cannot resolve `{name}`: {reason}");
        call::note_lookup(shared, host, name, Some(&message));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::NotFound, message)))
    }
}
