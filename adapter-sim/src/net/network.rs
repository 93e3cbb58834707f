use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::Host;
use super::Wire;
use super::call;
use super::wire::{Link, Moment, Shape};
use crate::Sim;
use crate::settings::nanos;

/// What lies between the hosts: how fast it is, what it loses, and who reaches whom.
///
/// Made by [`Sim::network`]. A change holds for what is sent from then on, and one for all hosts also for
/// pairs that had been told otherwise. Unless it is told otherwise, a message takes 0.5 to 2 ms
/// between hosts and 10 to 50 µs inside one, drawn from the seed for each, and nothing is lost.
///
/// TCP is as reliable here as there: what is lost is sent again, first after 200 ms and then after twice as long each time, so
/// a loss is a delay. Datagrams are lost for good.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_net::prelude::*;
///
/// anyrt_sim::check(|sim| async move {
///     sim.network().latency(Duration::from_millis(20)..=Duration::from_millis(30));
///     let server = sim.host("server").handle();
///     let listener = server.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
///     let start = sim.elapsed();
///     let addr = (sim.host("server").addr(), 80).into();
///     let _stream = sim.tcp_connect(addr).await.unwrap();
///     // There and back.
///     assert!(sim.elapsed() - start >= Duration::from_millis(40));
///     listener.accept().await.unwrap();
/// });
/// ```
#[derive(Clone)]
pub struct Network {
    sim: Sim,
}

impl Sim {
    /// The network between the hosts, to shape and to break.
    pub fn network(&self) -> Network {
        Network { sim: self.clone() }
    }
}

impl Network {
    pub(super) fn sim(&self) -> &Sim {
        &self.sim
    }

    fn shape(&self, change: impl FnOnce(&mut Shape)) {
        change(&mut self.sim.shared().lock().wire.shape);
    }

    fn links(&self, change: impl Fn(&mut Link)) {
        self.sim.shared().lock().wire.change_links(change);
    }

    fn link(&self, from: &Host, to: &Host, change: impl FnOnce(&mut Link)) {
        let mut state = self.sim.shared().lock();
        change(state.wire.link_mut(from.id(), to.id()));
    }

    pub(super) fn act(&self, act: impl FnOnce(&mut Wire, &mut Moment)) {
        call::act_from_outside(self.sim.shared(), act);
    }

    /// Sets how long a message takes between hosts, drawn anew for each. Unset: 0.5 to 2 ms.
    pub fn latency(&self, range: RangeInclusive<Duration>) {
        let latency = range_nanos(&range);
        self.links(|link| link.latency = latency);
    }

    /// Sets how long a message takes from one host to another.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Launch;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let (here, far) = (sim.host("here"), sim.host("far"));
    /// let ms = Duration::from_millis;
    /// sim.network().latency_between(&here, &far, ms(90)..=ms(120));
    /// sim.network().latency_between(&far, &here, ms(140)..=ms(160));
    /// ```
    pub fn latency_between(&self, from: &Host, to: &Host, range: RangeInclusive<Duration>) {
        let latency = range_nanos(&range);
        self.link(from, to, |link| link.latency = latency);
    }

    /// Sets how many bytes a second go from any host to any other. Unset: as many as there are.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use futures::io::AsyncWriteExt;
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::{copy, prelude::*};
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     sim.network().bandwidth(1_000_000);
    ///     let listener = sim.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    ///     let sender = sim.host("sender").restart(|rt| async move {
    ///         let mut stream = rt.tcp_connect("192.0.2.1:80".parse().unwrap()).await?;
    ///         stream.write_all(&vec![0; 2_000_000]).await
    ///     });
    ///     let (mut stream, _) = listener.accept().await.unwrap();
    ///     copy(&mut stream, &mut futures::io::sink()).await.unwrap();
    ///     sender.await.unwrap().unwrap();
    ///     assert!(sim.elapsed() >= Duration::from_secs(2));
    /// });
    /// ```
    pub fn bandwidth(&self, bytes_per_second: u64) {
        self.links(|link| link.bandwidth = Some(bytes_per_second));
    }

    /// Sets how many bytes a second go from one host to another: a slow link.
    pub fn bandwidth_between(&self, from: &Host, to: &Host, bytes_per_second: u64) {
        self.link(from, to, |link| link.bandwidth = Some(bytes_per_second));
    }

    /// Sets how likely a message is lost: a datagram for good, a segment of TCP until it is sent again.
    pub fn loss(&self, p: f64) {
        self.links(|link| link.loss = p);
    }

    /// Sets how likely a message from one host to another is lost.
    pub fn loss_between(&self, from: &Host, to: &Host, p: f64) {
        self.link(from, to, |link| link.loss = p);
    }

    /// Sets how likely a datagram arrives twice.
    pub fn duplication(&self, p: f64) {
        self.links(|link| link.duplication = p);
    }

    /// Sets how likely a datagram is so late that those after it overtake it: by up to four times the longest latency. Datagrams
    /// also overtake each other by their latencies.
    pub fn reordering(&self, p: f64) {
        self.links(|link| link.reordering = p);
    }

    /// Sets how likely a bit of a datagram is flipped, for protocols that have checksums of their own.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     sim.network().corruption(1.0);
    ///     let here = sim.udp_bind(([0, 0, 0, 0], 9).into()).unwrap();
    ///     let far = sim.host("far").handle().udp_bind(([0, 0, 0, 0], 0).into()).unwrap();
    ///     far.send_to(b"moin", "192.0.2.1:9".parse().unwrap()).await.unwrap();
    ///     let mut buf = [0; 4];
    ///     here.recv_from(&mut buf).await.unwrap();
    ///     assert_ne!(&buf, b"moin");
    /// });
    /// ```
    pub fn corruption(&self, p: f64) {
        self.links(|link| link.corruption = p);
    }

    /// Sets the largest datagram that gets through, in bytes of its payload. A larger one is lost without a word, as where a
    /// path does not take fragments. Unset: 65507.
    pub fn mtu(&self, bytes: usize) {
        self.links(|link| link.mtu = bytes);
    }

    /// Sets how likely a read or a write of a stream does less than it could, also inside a host. Unset: 0.
    ///
    /// It finds code that takes one read for one message.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::io::{AsyncReadExt, AsyncWriteExt};
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::Check;
    ///
    /// let failure = Check::new().find_failure(|sim| async move {
    ///     sim.network().short_io(0.2);
    ///     let (mut one, mut other) = sim.unix_pair().unwrap();
    ///     one.write_all(b"message").await.unwrap();
    ///     let n = other.read(&mut [0; 64]).await.unwrap();
    ///     assert_eq!(n, 7, "one read is no message");
    /// });
    /// assert!(failure.is_some());
    /// ```
    pub fn short_io(&self, p: f64) {
        self.shape(|shape| shape.short_io = p);
    }

    /// Sets how many bytes a connection holds in each of its buffers. Unset: 64 KiB. A writer waits when its own buffer and its
    /// peer's are full. Connections that are made from now on have it, unless they ask for another by their options.
    pub fn buffer(&self, bytes: usize) {
        self.shape(|shape| shape.buffer = bytes.max(1));
    }

    /// Sets how many bytes of messages a datagram socket keeps until they are received. Unset: 208 KiB. What does not fit is
    /// lost.
    pub fn datagram_buffer(&self, bytes: usize) {
        self.shape(|shape| shape.datagram_buffer = bytes);
    }

    /// Sets how long an attempt to connect goes on that nobody answers. Unset: 127 s, as on Linux.
    pub fn connect_timeout(&self, after: Duration) {
        self.shape(|shape| shape.connect_timeout = nanos(after));
    }

    /// Sets how long a connection goes on that has sent something and hears nothing. Unset: 924 s, as on Linux.
    pub fn stream_timeout(&self, after: Duration) {
        self.shape(|shape| shape.stream_timeout = nanos(after));
    }

    /// Sets how long a name server takes to answer, drawn anew for each question. Unset: 1 to 5 ms.
    pub fn dns_delay(&self, range: RangeInclusive<Duration>) {
        let delay = range_nanos(&range);
        self.shape(|shape| shape.dns_delay = delay);
    }

    /// Sets how likely a name server does not answer, which is `NotFound` after its delay. Unset: 0.
    pub fn dns_failure(&self, p: f64) {
        self.shape(|shape| shape.dns_failure = p);
    }
}

fn range_nanos(range: &RangeInclusive<Duration>) -> (u64, u64) {
    let (least, most) = (nanos(*range.start()), nanos(*range.end()));
    (least, most.max(least))
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}
