//! The traits of anyrt-net, for the handle and for the ambient form.

use std::io;
use std::net::SocketAddr;

use anyrt_net::{
    ListenOptions, Resolve, SignalKind, Tcp, TcpOptions, Udp, UdpOptions, forward_net,
};

use super::call;
use super::connect::Connect;
use super::listener::TcpListener;
use super::lookup::Lookup;
use super::signals::Signals;
use super::stream::TcpStream;
use super::udp_socket::UdpSocket;
use crate::{Ambient, Sim, ambient};

#[cfg(unix)]
mod unix;

forward_net! { [] Ambient as Sim, |this| here(); Tcp, Udp, Resolve, Signals }

/// The simulation around; panics where there is none, as everything of [`Ambient`] does.
#[track_caller]
fn here() -> Sim {
    ambient::find("a socket of `Ambient`")
}

impl Tcp for Sim {
    type TcpStream = TcpStream;
    type TcpListener = TcpListener;
    type TcpConnect = Connect;

    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> Connect {
        let (shared, host) = (self.shared(), self.place());
        let id = call::attempt(shared, |wire, m| wire.connect(host, addr, options, m));
        Connect::new(shared, id)
    }

    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<TcpListener> {
        let host = self.place();
        TcpListener::listen(self.shared(), |wire, waker| {
            wire.listen(host, addr, options, waker)
        })
    }
}

impl Udp for Sim {
    type UdpSocket = UdpSocket;

    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<UdpSocket> {
        let host = self.place();
        UdpSocket::bind(self.shared(), |wire, waker| {
            wire.bind(host, addr, options, waker)
        })
    }
}

impl Resolve for Sim {
    type Lookup = Lookup;

    fn resolve(&self, host: &str, port: u16) -> Lookup {
        Lookup::new(self.shared(), self.place(), host, port)
    }
}

impl anyrt_net::Signals for Sim {
    type Signals = Signals;

    fn signals(&self, kind: SignalKind) -> io::Result<Signals> {
        let host = self.place();
        let id = call::act(self.shared(), |wire, _| wire.subscribe(host, kind))?;
        Ok(Signals::new(self.shared(), id))
    }
}
