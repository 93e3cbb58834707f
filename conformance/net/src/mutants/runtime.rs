use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use anyrt_core::{BlockOn, Instant, JoinHandle, Spawn, SpawnBlocking, SpawnMeta, Timer};
use anyrt_net::{ListenOptions, NetRuntime, Resolve, Tcp, TcpOptions, Udp, UdpOptions};

use super::fault::is;
use super::{BrokenConnect, BrokenListener, BrokenLookup, BrokenStream, BrokenUdp, Fault};

anyrt_conformance_engine::mutants! { Fault;
    backlog_ignored: "the backlog is the system's",
        killed by "net::backlog_full_delays", "net::connect_host_races", "net::unix_full_backlog_is_told";
    home_only: "a socket fails on threads that are not its runtime's, and is not made there",
        killed by "net::polled_elsewhere", "net::accepted_belongs_home", "net::moves_between_runtimes",
            "net::made_inside_another_belongs_home", "net::unix_made_elsewhere_belongs_home",
            "net::signals_made_elsewhere_belong_home";
    kinds_lost: "errors of a runtime have no kind",
        killed by "net::refused", "net::in_use", "net::not_ours", "net::connect_host_names_failures",
            "net::unix_error_kinds";
    listen_options_ignored: "options of a listener are ignored",
        killed by "net::listen_option_is_honoured";
    literals_unknown: "addresses are names that nobody knows",
        killed by "net::resolves_literals", "net::pointers_pass_sockets_on";
    options_ignored: "options of a connection are ignored",
        killed by "net::option_is_honoured";
    port_lost: "a name resolves without its port",
        killed by "net::resolves_names";
    sleeps_nothing: "a sleep ends at once",
        killed by "net::incoming_survives_exhaustion";
    udp_options_ignored: "options of a UDP socket are ignored",
        killed by "net::udp_option_is_honoured";
}

/// A runtime with sockets and with the flaw that was planted.
#[derive(Debug)]
pub(crate) struct Broken<R> {
    rt: R,
    alive: Arc<()>,
}

impl<R> Broken<R> {
    /// The handle inside.
    pub(super) fn inner(&self) -> &R {
        &self.rt
    }

    /// Ends with this handle.
    pub(super) fn alive(&self) -> Weak<()> {
        Arc::downgrade(&self.alive)
    }

    /// Wraps a handle.
    pub(crate) fn new(rt: R) -> Self {
        Self {
            rt,
            alive: Arc::new(()),
        }
    }
}

impl<R: Clone> Clone for Broken<R> {
    fn clone(&self) -> Self {
        Self::new(self.rt.clone())
    }
}

/// An error without its kind, where that is the flaw.
pub(super) fn kind_lost<T>(result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| {
        if is(Fault::kinds_lost) {
            io::Error::other("something failed")
        } else {
            error
        }
    })
}

/// Fails on threads without a name, which are no runtime's, where that is the flaw.
pub(super) fn at_home() -> io::Result<()> {
    if is(Fault::home_only) && std::thread::current().name().is_none() {
        return Err(io::Error::other("not the runtime of this socket"));
    }
    Ok(())
}

impl<R: NetRuntime> Tcp for Broken<R> {
    type TcpStream = BrokenStream<R::TcpStream>;
    type TcpListener = BrokenListener<R::TcpListener>;
    type TcpConnect = BrokenConnect<R>;

    fn tcp_connect_with(&self, addr: SocketAddr, options: &TcpOptions) -> BrokenConnect<R> {
        let options = if is(Fault::options_ignored) {
            &TcpOptions::new()
        } else {
            options
        };
        BrokenConnect::new(&self.rt, self.alive(), addr, options)
    }

    fn tcp_listen_with(
        &self,
        addr: SocketAddr,
        options: &ListenOptions,
    ) -> io::Result<Self::TcpListener> {
        let mut options = options.clone();
        if is(Fault::backlog_ignored) {
            options.backlog = None;
        }
        if is(Fault::listen_options_ignored) {
            options = ListenOptions::new();
        }
        kind_lost(self.rt.tcp_listen_with(addr, &options)).map(BrokenListener::new)
    }
}

impl<R: NetRuntime> Udp for Broken<R> {
    type UdpSocket = BrokenUdp<R::UdpSocket>;

    fn udp_bind_with(&self, addr: SocketAddr, options: &UdpOptions) -> io::Result<Self::UdpSocket> {
        let options = if is(Fault::udp_options_ignored) {
            &UdpOptions::new()
        } else {
            options
        };
        at_home()?;
        kind_lost(self.rt.udp_bind_with(addr, options)).map(BrokenUdp::new)
    }
}

impl<R: NetRuntime> Resolve for Broken<R> {
    type Lookup = BrokenLookup<R::Lookup>;

    fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
        let failure = (is(Fault::literals_unknown) && host.parse::<std::net::IpAddr>().is_ok())
            .then(|| ErrorKind::NotFound.into());
        let port = if is(Fault::port_lost) { 0 } else { port };
        BrokenLookup::new(self.rt.resolve(host, port), failure)
    }
}

impl<R: NetRuntime> Spawn for Broken<R> {
    type Task<T: Send> = R::Task<T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.rt.spawn(future)
    }

    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.rt.spawn_with(meta, future)
    }
}

impl<R: NetRuntime> SpawnBlocking for Broken<R> {
    type BlockingTask<T: Send> = R::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<R::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.rt.spawn_blocking(work)
    }
}

impl<R: NetRuntime> Timer for Broken<R> {
    type Sleep = R::Sleep;

    fn sleep(&self, duration: Duration) -> R::Sleep {
        let is_nothing = is(Fault::sleeps_nothing);
        self.rt
            .sleep(if is_nothing { Duration::ZERO } else { duration })
    }

    fn sleep_until(&self, deadline: Instant) -> R::Sleep {
        self.rt.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.rt.now()
    }

    fn system_time(&self) -> SystemTime {
        self.rt.system_time()
    }
}

impl<R: NetRuntime + BlockOn> BlockOn for Broken<R> {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.rt.block_on(future)
    }
}
