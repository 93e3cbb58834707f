use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use anyrt_core::{JoinHandle, Spawn, SpawnMeta};
use anyrt_net::SignalKind;

use super::Wire;
use super::call;
use super::wire::Moment;
use crate::host_id::HostId;
use crate::task::join::quietly;
use crate::task::locals;
use crate::{Rng, Sim, Task, context};

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
    sim: Sim,
    id: HostId,
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

    /// Starts the host's process anew: kills what runs, gives the host its power back where it has none, and spawns `main` on it.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let db = rt.handle().host("db");
    /// let first = db.restart(|_| std::future::pending::<()>());
    /// let second = db.restart(|_| async { 42 });
    /// assert!(rt.block_on(first).unwrap_err().is_cancelled());
    /// assert_eq!(rt.block_on(second)?, 42);
    /// # Ok::<(), anyrt_core::JoinError>(())
    /// ```
    #[track_caller]
    pub fn restart<F>(&self, main: impl FnOnce(Sim) -> F) -> JoinHandle<Task<F::Output>>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if self.is_up() {
            self.end(Wire::close_process);
        }
        call::act_from_outside(self.sim.shared(), |wire, m| wire.power_on(self.id, m));
        let meta = SpawnMeta::named("main");
        self.sim.spawn_with(meta, main(self.handle()))
    }

    /// Takes the host's power away: its tasks are dropped without another poll, and nobody is told.
    ///
    /// Peers notice as they would notice a machine that is off. What they send is not answered, so connections time out after
    /// [15 minutes](super::Network::stream_timeout), or by their keep-alive, and attempts to connect after
    /// [two](super::Network::connect_timeout). After [`restart`](Self::restart), what they send is answered by a reset.
    ///
    /// Destructors of the dropped tasks run, and reach nothing: the sockets are gone, and what they spawn is dropped.
    /// A task of the host that calls this is dropped when it waits next.
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
    ///     let server = sim.host("server");
    ///     server.restart(|rt| async move {
    ///         let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    ///         let _held = listener.accept().await;
    ///         std::future::pending::<()>().await
    ///     }).detach();
    ///     sim.sleep(Duration::from_millis(1)).await;
    ///     let mut stream = sim.connect_host("server", 80).await.unwrap();
    ///
    ///     server.crash();
    ///     let mut buf = [0; 8];
    ///     assert!(sim.timeout(Duration::from_secs(60), stream.read(&mut buf)).await.is_err());
    ///     server.restart(|_| async {}).detach();
    ///     stream.write_all(b"still there?").await.unwrap();
    ///     let error = stream.read(&mut buf).await.unwrap_err();
    ///     assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    /// });
    /// ```
    pub fn crash(&self) {
        self.end(Wire::power_off);
    }

    /// Kills the host's process: its tasks are dropped without another poll, and its system closes its connections.
    ///
    /// Peers read the end, or a reset where something was left unread. Attempts to connect are refused.
    ///
    /// Destructors are as for [`crash`](Self::crash).
    pub fn kill(&self) {
        if self.is_up() {
            self.end(Wire::kill_process);
        }
    }

    /// Tells whether it has power: it has from the start until it [crashes](Self::crash), and after a [restart](Self::restart).
    pub fn is_up(&self) -> bool {
        self.sim.shared().lock().wire.is_up(self.id)
    }

    /// Stops the host's tasks where they are, until [`resume`](Self::resume): as a debugger does, or a long collection of
    /// garbage. Its system goes on: messages are received into its buffers, and its clock runs.
    ///
    /// # Examples
    ///
    /// A lease that its holder believes in for too long:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let holder = sim.host("holder");
    ///     let task = holder.restart(|rt| async move {
    ///         rt.sleep(Duration::from_secs(1)).await;
    ///         rt.now()
    ///     });
    ///     let start = sim.now();
    ///     holder.pause();
    ///     sim.sleep(Duration::from_secs(10)).await;
    ///     assert!(!task.is_finished());
    ///     holder.resume();
    ///     assert!(task.await.unwrap() - start >= Duration::from_secs(10));
    /// });
    /// ```
    pub fn pause(&self) {
        call::act_from_outside(self.sim.shared(), |wire, m| wire.pause(self.id, m.now));
    }

    /// Lets the tasks go on that [`pause`](Self::pause) stopped.
    pub fn resume(&self) {
        let mut state = self.sim.shared().lock();
        let now = state.now;
        let parked = state.wire.resume(self.id, now);
        state.unpark(parked);
        self.sim.shared().notify(&state);
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

    /// Sends a signal to the host's process. One to end it that nobody has subscribed to [kills](Self::kill) it, as systems do.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::{SignalKind, prelude::*};
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let server = sim.host("server");
    ///     let task = server.restart(|rt| async move { rt.ctrl_c().await.is_ok() });
    ///     sim.sleep(Duration::from_secs(1)).await;
    ///     server.signal(SignalKind::Interrupt);
    ///     assert!(task.await.unwrap());
    /// });
    /// ```
    pub fn signal(&self, kind: SignalKind) {
        let is_heard =
            call::act_from_outside(self.sim.shared(), |wire, m| wire.signal(self.id, kind, m));
        let is_harmless = matches!(kind, SignalKind::Child | SignalKind::WindowChange);
        if !is_heard && !is_harmless {
            self.kill();
        }
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

    /// Tells whether any task of the host is left.
    pub(super) fn is_running(&self) -> bool {
        self.sim.shared().lock().has_tasks(self.id)
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

    /// Ends the host's process: closes its sockets as `close` has it, and drops its tasks, in the order of their numbers.
    fn end(&self, close: fn(&mut Wire, HostId, &mut Moment)) {
        let shared = self.sim.shared();
        // Destructors look for the simulation that they belong to.
        let _context = context::enter(Arc::clone(shared));
        call::act_from_outside(shared, |wire, m| close(wire, self.id, m));
        let (stays_up, tasks) = {
            let mut state = shared.lock();
            let stays_up = state.wire.set_up(self.id, false);
            (stays_up, state.begin_dropping(self.id))
        };
        for (task, entry) in tasks {
            quietly(|| drop(entry));
            if shared.is_home() {
                quietly(|| drop(locals::take(shared.id, task)));
            }
        }
        let mut state = shared.lock();
        state.dropping = None;
        state.wire.set_up(self.id, stays_up);
        shared.notify(&state);
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
