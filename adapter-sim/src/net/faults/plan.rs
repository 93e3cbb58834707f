use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::super::{Host, Network};
use super::RunningFaults;
use crate::Sim;

/// What fails, how often and for how long: a profile for [`Network::faults`].
///
/// Each kind of fault comes at times that are drawn from the seed, on average as often as is said here, and lasts for a drawn
/// time of at most `longest`. The hosts that it strikes are drawn from those that were [added](Self::host).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_net::prelude::*;
/// use anyrt_sim::net::Faults;
///
/// async fn serve<R: NetRuntime>(rt: R) {
///     let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
///     loop {
///         let _ = listener.accept().await;
///     }
/// }
///
/// anyrt_sim::check(|sim| async move {
///     let (client, server) = (sim.host("client"), sim.host("server"));
///     server.restart(serve).detach();
///     let second = Duration::from_secs(1);
///     let faults = Faults::new()
///         .partitions(5 * second, second)
///         .crashes(10 * second, second)
///         .host(&client)
///         .node(&server, serve);
///     let faults = sim.network().faults(faults);
///     // Whatever happens, the client does not hang for longer than its own limit.
///     let rt = client.handle();
///     for _ in 0..20 {
///         let _ = rt.timeout(second, rt.connect_host("server", 80)).await;
///         rt.sleep(second).await;
///     }
///     faults.stop();
///     rt.sleep(second).await;
///     rt.connect_host("server", 80).await.expect("all is well again");
/// });
/// ```
#[derive(Default)]
#[must_use = "a profile does nothing until `Network::faults` takes it"]
pub struct Faults {
    pub(super) rates: Vec<Rate>,
    pub(super) nodes: Vec<Node>,
}

/// How often a kind of fault comes, and how long it lasts at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) kind: Kind,
    pub(super) every: Duration,
    pub(super) longest: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Partition,
    OneWayPartition,
    Hold,
    Reset,
    Forget,
    Crash,
    Kill,
    Pause,
    ClockJump,
}

type Main = Box<dyn Fn(Sim) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A host that faults strike, and what it runs when it is started again.
pub(super) struct Node {
    pub(super) host: Host,
    pub(super) main: Option<Main>,
}

impl Faults {
    /// Nothing fails, and nobody is struck.
    pub fn new() -> Self {
        Self::default()
    }

    /// A profile for a start: partitions, pauses, resets and crashes, each about once a minute and for up to ten seconds.
    pub fn mild() -> Self {
        let (minute, longest) = (Duration::from_secs(60), Duration::from_secs(10));
        Self::new()
            .partitions(minute, longest)
            .pauses(minute, longest)
            .resets(minute)
            .crashes(minute, longest)
    }

    /// Everything, each about every five seconds and for up to five.
    pub fn wild() -> Self {
        let (every, longest) = (Duration::from_secs(5), Duration::from_secs(5));
        Self::new()
            .partitions(every, longest)
            .one_way_partitions(every, longest)
            .holds(every, longest)
            .resets(every)
            .forgotten_connections(every)
            .crashes(every, longest)
            .kills(every, longest)
            .pauses(every, longest)
            .clock_jumps(every, longest)
    }

    fn rate(mut self, kind: Kind, every: Duration, longest: Duration) -> Self {
        self.rates.push(Rate {
            kind,
            every,
            longest,
        });
        self
    }

    /// Cuts the hosts into two groups: see [`Network::partition`].
    pub fn partitions(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::Partition, every, longest)
    }

    /// Cuts one direction between two groups of the hosts: see [`Network::partition_one_way`].
    pub fn one_way_partitions(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::OneWayPartition, every, longest)
    }

    /// Keeps what goes between two groups of the hosts: see [`Network::hold`].
    pub fn holds(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::Hold, every, longest)
    }

    /// Resets the connections between two hosts: see [`Network::reset`].
    pub fn resets(self, every: Duration) -> Self {
        self.rate(Kind::Reset, every, Duration::ZERO)
    }

    /// Makes the connections between two hosts half-open: see [`Network::forget_connections`].
    pub fn forgotten_connections(self, every: Duration) -> Self {
        self.rate(Kind::Forget, every, Duration::ZERO)
    }

    /// Takes the power of a [node](Self::node), and starts it again: see [`Host::crash`].
    pub fn crashes(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::Crash, every, longest)
    }

    /// Kills the process of a [node](Self::node), and starts it again: see [`Host::kill`].
    pub fn kills(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::Kill, every, longest)
    }

    /// Stops the tasks of a host for a while: see [`Host::pause`].
    pub fn pauses(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::Pause, every, longest)
    }

    /// Sets the wall clock of a host forward or back, by up to `longest`, for good: see [`Host::set_system_time`].
    pub fn clock_jumps(self, every: Duration, longest: Duration) -> Self {
        self.rate(Kind::ClockJump, every, longest)
    }

    /// Adds a host that faults strike, but for those that end its process.
    pub fn host(mut self, host: &Host) -> Self {
        self.nodes.push(Node {
            host: host.clone(),
            main: None,
        });
        self
    }

    /// Adds a host that all faults strike, and what it runs each time that it is started again. It is not started by this.
    pub fn node<F>(mut self, host: &Host, main: impl Fn(Sim) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let main: Main = Box::new(move |rt| Box::pin(main(rt)));
        self.nodes.push(Node {
            host: host.clone(),
            main: Some(main),
        });
        self
    }
}

impl Network {
    /// Begins with faults that are drawn from the seed, until [`RunningFaults::stop`].
    ///
    /// They have a stream of numbers of their own, so that a test that draws more often meets the same faults. The report of
    /// a failure shows them between the messages.
    pub fn faults(&self, faults: Faults) -> RunningFaults {
        RunningFaults::begin(self.clone(), faults)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("rates", &self.rates)
            .finish_non_exhaustive()
    }
}
