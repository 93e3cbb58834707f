//! Who reaches whom: partitions, what is held, and connections that are torn.

use super::wire::Moment;
use super::{Host, Network, Wire};
use crate::host_id::HostId;

impl Network {
    /// Cuts two groups of hosts off from each other, both ways, until [`heal`](Self::heal).
    ///
    /// Datagrams are lost. Streams stall: what they send is sent again when the way is open, or the connection
    /// [times out](Self::stream_timeout). Nobody is told.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use futures::io::{AsyncReadExt, AsyncWriteExt};
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let (a, b) = (sim.host("a"), sim.host("b"));
    ///     let listener = b.handle().tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    ///     let connect = a.handle().tcp_connect((b.addr(), 80).into());
    ///     let (mut there, _) = listener.accept().await.unwrap();
    ///     let mut here = connect.await.unwrap();
    ///
    ///     sim.network().partition([&a], [&b]);
    ///     here.write_all(b"moin").await.unwrap();
    ///     let mut buf = [0; 4];
    ///     assert!(sim.timeout(Duration::from_secs(60), there.read_exact(&mut buf)).await.is_err());
    ///     sim.network().heal([&a], [&b]);
    ///     there.read_exact(&mut buf).await.unwrap();
    ///     assert_eq!(&buf, b"moin");
    /// });
    /// ```
    pub fn partition<'a, 'b>(
        &self,
        one: impl IntoIterator<Item = &'a Host>,
        other: impl IntoIterator<Item = &'b Host>,
    ) {
        self.both_ways(one, other, ("partition", "<-x->"), Wire::cut);
    }

    /// Loses all that goes from one group of hosts to another. The other direction stays open.
    pub fn partition_one_way<'a, 'b>(
        &self,
        from: impl IntoIterator<Item = &'a Host>,
        to: impl IntoIterator<Item = &'b Host>,
    ) {
        self.one_way(from, to, ("partition", "-x->"), Wire::cut);
    }

    /// Opens the ways between two groups of hosts that were cut, both ways.
    ///
    /// What streams had sent arrives when their systems try again, which takes them the longer, the longer the way was cut.
    pub fn heal<'a, 'b>(
        &self,
        one: impl IntoIterator<Item = &'a Host>,
        other: impl IntoIterator<Item = &'b Host>,
    ) {
        self.both_ways(one, other, ("healed", "<-->"), Wire::heal_way);
    }

    /// Opens every way that was cut or held.
    pub fn heal_all(&self) {
        self.act(Wire::heal_all);
    }

    /// Keeps all that goes between two groups of hosts until [`release`](Self::release). Nothing is lost, datagrams included.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let (a, b) = (sim.host("a"), sim.host("b"));
    ///     let receiver = b.handle().udp_bind(([0, 0, 0, 0], 9).into()).unwrap();
    ///     let sender = a.handle().udp_bind(([0, 0, 0, 0], 0).into()).unwrap();
    ///     sim.network().hold([&a], [&b]);
    ///     sender.send_to(b"late", (b.addr(), 9).into()).await.unwrap();
    ///     let mut buf = [0; 8];
    ///     let early = sim.timeout(Duration::from_secs(60), receiver.recv_from(&mut buf)).await;
    ///     assert!(early.is_err());
    ///     sim.network().release([&a], [&b]);
    ///     assert_eq!(receiver.recv_from(&mut buf).await.unwrap().0, 4);
    /// });
    /// ```
    pub fn hold<'a, 'b>(
        &self,
        one: impl IntoIterator<Item = &'a Host>,
        other: impl IntoIterator<Item = &'b Host>,
    ) {
        self.both_ways(one, other, ("held", "<-|->"), Wire::hold);
    }

    /// Lets go what [`hold`](Self::hold) kept: it arrives after its latency from now.
    pub fn release<'a, 'b>(
        &self,
        one: impl IntoIterator<Item = &'a Host>,
        other: impl IntoIterator<Item = &'b Host>,
    ) {
        self.both_ways(one, other, ("released", "<-->"), Wire::release_way);
    }

    /// Resets every connection between two hosts, for both ends, at once.
    pub fn reset(&self, one: &Host, other: &Host) {
        self.act(|wire, m| wire.reset(one.id(), other.id(), m));
    }

    /// Lets `forgetful` forget its connections with `peer`, which is not told: they are half-open.
    ///
    /// The peer hears of it by a reset when it sends something, or by its keep-alive; one that only waits never does.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use futures::io::{AsyncReadExt, AsyncWriteExt};
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let (client, server) = (sim.host("client"), sim.host("server"));
    ///     let listener = server.handle().tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    ///     let connect = client.handle().tcp_connect((server.addr(), 80).into());
    ///     let _accepted = listener.accept().await.unwrap();
    ///     let mut stream = connect.await.unwrap();
    ///     sim.network().forget_connections(&client, &server);
    ///     let mut buf = [0; 8];
    ///     let hears = sim.timeout(Duration::from_secs(3600), stream.read(&mut buf)).await;
    ///     assert!(hears.is_err());
    ///     stream.write_all(b"still there?").await.unwrap();
    ///     assert!(stream.read(&mut buf).await.is_err());
    /// });
    /// ```
    pub fn forget_connections(&self, peer: &Host, forgetful: &Host) {
        self.act(|wire, m| wire.forget_connections(peer.id(), forgetful.id(), m));
    }

    fn one_way<'a, 'b>(
        &self,
        from: impl IntoIterator<Item = &'a Host>,
        to: impl IntoIterator<Item = &'b Host>,
        note: (&str, &str),
        change: impl Fn(&mut Wire, HostId, HostId, &mut Moment),
    ) {
        let from: Vec<_> = from.into_iter().map(Host::id).collect();
        let to: Vec<_> = to.into_iter().map(Host::id).collect();
        self.act(|wire, m| {
            wire.note_ways(m.now, note, (&from, &to));
            for &from in &from {
                for &to in to.iter().filter(|&&to| to != from) {
                    change(wire, from, to, m);
                }
            }
        });
    }

    fn both_ways<'a, 'b>(
        &self,
        one: impl IntoIterator<Item = &'a Host>,
        other: impl IntoIterator<Item = &'b Host>,
        note: (&str, &str),
        change: impl Fn(&mut Wire, HostId, HostId, &mut Moment),
    ) {
        self.one_way(one, other, note, |wire, one, other, m| {
            change(wire, one, other, m);
            change(wire, other, one, m);
        });
    }
}
