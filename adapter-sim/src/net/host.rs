use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use super::Wire;
use crate::host_id::HostId;
use crate::{Rng, Sim};

/// A simulated machine: addresses, a clock, sockets, and the tasks of one process, which can be killed and started again.
///
/// Made by [`Sim::host`]. It is what a test holds; the program on it gets [`handle`](Self::handle), a `Sim` whose tasks, sockets and
/// clock are the host's. What such a task spawns belongs to the host as well, through whichever handle and through
/// [`Ambient`](crate::Ambient). Reports write `host/name` for its tasks. Clones are the same host.
///
/// # Examples
///
/// A client that tries again while its server is restarted:
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_net::prelude::*;
///
/// async fn serve<R: NetRuntime>(rt: R) {
///     let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
///     loop {
///         let _ = listener.accept().await;
///     }
/// }
///
/// anyrt_sim::check(|sim| async move {
///     let server = sim.host("server");
///     server.restart(serve).detach();
///     let client = sim.host("client").handle();
///     sim.sleep(Duration::from_millis(1)).await;
///     client.connect_host("server", 80).await.expect("is up");
///
///     server.kill();
///     let refused = client.connect_host("server", 80).await.unwrap_err();
///     assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
///
///     server.restart(serve).detach();
///     sim.sleep(Duration::from_millis(1)).await;
///     client.connect_host("server", 80).await.expect("is up again");
/// });
/// ```
#[derive(Clone)]
pub struct Host {
    /// A handle that belongs to it.
    pub(super) sim: Sim,
    pub(super) id: HostId,
}

impl Sim {
    /// The host with this address or this name, which is made by its first mention.
    ///
    /// A host that is known by its name has an address of 192.168.0.0/16, and its name resolves to it. One that is known by its
    /// address has no name; see [`Host::add_name`]. What runs on no host of its own, such as the body of a test, is on a host
    /// called `local`, with the address 192.0.2.1.
    ///
    /// # Panics
    ///
    /// When the address is the loopback's, or unspecified: no host has these to itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Launch;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let (one, other) = (rt.handle().host("10.0.0.1"), rt.handle().host("db"));
    /// assert_eq!(one.addr().to_string(), "10.0.0.1");
    /// assert_eq!(&*other.name(), "db");
    /// ```
    #[track_caller]
    pub fn host(&self, name: impl AsRef<str>) -> Host {
        let (id, name) = {
            let mut state = self.shared().lock();
            let id = state.wire.find_or_add(name.as_ref());
            (id, state.wire.host_name(id))
        };
        Host {
            sim: self.on_host(id, name),
            id,
        }
    }
}

impl Host {
    pub(super) fn id(&self) -> HostId {
        self.id
    }

    /// The handle for the program that runs here: its tasks, its sockets and its clock are this host's.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let db = rt.handle().host("10.0.0.1").handle();
    /// let listener = db.tcp_listen("10.0.0.1:5432".parse().unwrap())?;
    /// assert_eq!(listener.local_addr()?.to_string(), "10.0.0.1:5432");
    /// # std::io::Result::Ok(())
    /// ```
    pub fn handle(&self) -> Sim {
        self.sim.clone()
    }

    /// What reports call it.
    pub fn name(&self) -> Arc<str> {
        self.sim.shared().lock().wire.host_name(self.id)
    }

    /// Its first address.
    pub fn addr(&self) -> IpAddr {
        self.addrs()[0]
    }

    /// All of its addresses, in the order in which it got them.
    pub fn addrs(&self) -> Vec<IpAddr> {
        self.sim.shared().lock().wire.addresses(self.id)
    }

    /// Gives it another address.
    ///
    /// # Panics
    ///
    /// When another host has that address, and when no host can have it.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Launch;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let db = rt.handle().host("10.0.0.1");
    /// db.add_addr("fd00::1".parse().unwrap());
    /// assert_eq!(db.addrs().len(), 2);
    /// ```
    #[track_caller]
    pub fn add_addr(&self, addr: IpAddr) {
        self.sim.shared().lock().wire.add_address(self.id, addr);
    }

    /// Makes a name resolve to the addresses that the host has now, beside those that it resolves to already.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// for replica in ["10.0.0.1", "10.0.0.2"] {
    ///     sim.host(replica).add_name("db.internal");
    /// }
    /// assert_eq!(rt.block_on(sim.resolve("db.internal", 5432))?.len(), 2);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn add_name(&self, name: &str) {
        let mut state = self.sim.shared().lock();
        let addresses = state.wire.addresses(self.id);
        state.wire.add_name(name, &addresses);
    }

    /// Sets the host's wall clock, forward or back. Its timers and [`now`](anyrt_core::Timer::now) do not notice.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let (a, b) = (rt.handle().host("a"), rt.handle().host("b"));
    /// let time = a.handle().system_time();
    /// a.set_system_time(time + Duration::from_secs(3600));
    /// assert_eq!(a.handle().system_time(), time + Duration::from_secs(3600));
    /// assert_eq!(b.handle().system_time(), time);
    /// ```
    pub fn set_system_time(&self, time: SystemTime) {
        let mut state = self.sim.shared().lock();
        let local = state.wire.local_time(self.id, state.now);
        state.wire.set_wall(self.id, time, local);
    }

    /// Sets how fast the host's clock goes: it gains so many microseconds in each second, or loses them.
    ///
    /// [`now`](anyrt_core::Timer::now), the wall clock and sleeps that begin from now on follow it. Clocks of real machines are within 100.
    ///
    /// # Panics
    ///
    /// When it would stop the clock or make it more than twice as fast: beyond a million.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let fast = sim.host("fast");
    /// fast.set_clock_drift(100_000); // a tenth
    /// rt.block_on(fast.handle().sleep(Duration::from_secs(11)));
    /// assert_eq!(sim.elapsed(), Duration::from_secs(10));
    /// ```
    #[track_caller]
    pub fn set_clock_drift(&self, micros_per_second: i32) {
        assert!(
            micros_per_second.abs() < 1_000_000,
            "a drift of {micros_per_second} µs in a second: a clock neither stands nor doubles"
        );
        let mut state = self.sim.shared().lock();
        let now = state.now;
        let nanos = i64::from(micros_per_second) * 1000;
        state.wire.set_drift(self.id, nanos, now);
    }

    /// Sets the ports that the host gives out by itself. Unset: 49152 to 65535.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Launch;
    /// use anyrt_net::Udp;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let host = rt.handle().host("10.0.0.1");
    /// host.set_ephemeral_ports(50_000..50_001);
    /// let any = "10.0.0.1:0".parse().unwrap();
    /// let _taken = host.handle().udp_bind(any)?;
    /// assert_eq!(host.handle().udp_bind(any).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_ephemeral_ports(&self, ports: Range<u16>) {
        let ports = u32::from(ports.start)..u32::from(ports.end);
        self.sim.shared().lock().wire.set_ephemeral(self.id, ports);
    }

    /// Sets how many sockets the host's process may have open. Beyond that it gets the system's error for too many open files.
    /// Unset: no limit.
    pub fn set_descriptor_limit(&self, sockets: usize) {
        self.sim
            .shared()
            .lock()
            .wire
            .set_descriptor_limit(self.id, sockets);
    }

    /// How many sockets the host's process has open.
    pub fn open_sockets(&self) -> usize {
        self.sim.shared().lock().wire.descriptors(self.id)
    }

    /// Sets how likely the host refuses a connection although somebody listens. Unset: 0.
    pub fn set_refusal(&self, p: f64) {
        self.sim.shared().lock().wire.set_refusal(self.id, p);
    }

    pub(super) fn with_wire<T>(&self, work: impl FnOnce(&mut Wire) -> T) -> T {
        let mut state = self.sim.shared().lock();
        state.wire.now = state.now;
        work(&mut state.wire)
    }

    /// Makes the generator of a purpose on this host: see [`Sim::rng_for`].
    pub fn rng_for(&self, purpose: &str) -> Rng {
        self.sim.rng_for(&format!("{}/{purpose}", self.name()))
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name())
            .field("addrs", &self.addrs())
            .finish_non_exhaustive()
    }
}
