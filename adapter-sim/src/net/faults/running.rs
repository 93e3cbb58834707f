use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{AbortHandle, Spawn, Timer};

use super::super::{Host, Network};
use super::plan::{Faults, Kind, Rate};
use crate::host_id::HostId;
use crate::schedule::choices;
use crate::{Rng, Sim};

/// Faults under way; made by [`Network::faults`]. Dropping it lets them go on.
#[must_use = "faults go on until they are stopped"]
pub struct RunningFaults {
    network: Network,
    faults: Arc<Faults>,
    task: AbortHandle,
}

/// What ends a fault.
enum Undo {
    Heal(Vec<usize>, Vec<usize>),
    Release(Vec<usize>, Vec<usize>),
    Start(usize),
    Resume(usize),
}

/// What is to strike, and whom.
enum Fault {
    Ways(Vec<usize>, Vec<usize>),
    Connections(usize, usize),
    Node(usize),
    Clock(usize, Duration, bool),
}

impl Fault {
    /// Tells whether it ends by itself.
    fn lasts(&self) -> bool {
        matches!(self, Self::Ways(..) | Self::Node(_))
    }
}

/// What comes at which time, in virtual time since the start.
enum Due {
    Fault(Rate),
    Undo(Undo),
}

impl RunningFaults {
    pub(super) fn begin(network: Network, faults: Faults) -> Self {
        let faults = Arc::new(faults);
        // No host's, so that no crash ends it.
        let sim = network.sim().on_host(HostId::default(), Arc::from("local"));
        let task = Nemesis {
            rng: sim.rng_for("faults"),
            sim: sim.clone(),
            network: network.clone(),
            faults: Arc::clone(&faults),
            due: Vec::new(),
        };
        let mut handle = sim.spawn_named("faults", task.run());
        let abort = handle.abort_handle();
        handle.detach();
        Self {
            network,
            faults,
            task: abort,
        }
    }

    /// Ends the faults: opens every way, lets every host go on, and starts every node that is down.
    ///
    /// Afterwards a test can demand that the system recovers.
    pub fn stop(self) {
        self.task.abort();
        self.network.heal_all();
        for (index, node) in self.faults.nodes.iter().enumerate() {
            node.host.resume();
            if node.main.is_some() && !node.host.is_running() {
                start(&self.faults, index);
            }
        }
    }
}

fn start(faults: &Faults, index: usize) {
    let node = &faults.nodes[index];
    if let Some(main) = &node.main {
        node.host.restart(main).detach();
    }
}

struct Nemesis {
    sim: Sim,
    network: Network,
    faults: Arc<Faults>,
    rng: Rng,
    due: Vec<(Duration, Due)>,
}

impl Nemesis {
    async fn run(mut self) {
        for rate in self.faults.rates.clone() {
            self.schedule(rate);
        }
        while let Some(next) = self.take_next() {
            let (at, due) = next;
            let now = self.sim.elapsed();
            self.sim.sleep(at.saturating_sub(now)).await;
            match due {
                Due::Fault(rate) => {
                    self.strike(rate);
                    self.schedule(rate);
                }
                Due::Undo(undo) => self.undo(undo),
            }
        }
    }

    fn schedule(&mut self, rate: Rate) {
        // `Duration::MAX` is how callers spell "never".
        let wait = self.rng.duration(rate.every.saturating_mul(2));
        let at = self.sim.elapsed().saturating_add(wait);
        self.due.push((at, Due::Fault(rate)));
    }

    /// Takes what comes first; of equal times, what was scheduled first.
    fn take_next(&mut self) -> Option<(Duration, Due)> {
        let times = self
            .due
            .iter()
            .enumerate()
            .map(|(index, (at, _))| (*at, index));
        let (_, index) = times.min()?;
        Some(self.due.remove(index))
    }

    /// Draws a fault and strikes, unless a search for a shorter run leaves it out; what is drawn is the same either way.
    fn strike(&mut self, rate: Rate) {
        let Some(fault) = self.draw(rate) else {
            return;
        };
        let lasts = (fault.lasts()).then(|| self.rng.duration(rate.longest));
        let words = self.words(rate.kind, &fault, lasts);
        let strikes = self
            .sim
            .shared()
            .lock()
            .keeps_fault(choices::Kind::Strike, true, || words);
        if !strikes {
            return;
        }
        let undo = self.cause(rate.kind, fault);
        if let (Some(undo), Some(lasts)) = (undo, lasts) {
            self.due.push((self.sim.elapsed() + lasts, Due::Undo(undo)));
        }
    }

    fn draw(&mut self, rate: Rate) -> Option<Fault> {
        Some(match rate.kind {
            Kind::Partition | Kind::OneWayPartition | Kind::Hold => {
                let (one, other) = self.split()?;
                Fault::Ways(one, other)
            }
            Kind::Reset | Kind::Forget => {
                let (one, other) = self.two()?;
                Fault::Connections(one, other)
            }
            Kind::Crash | Kind::Kill => {
                let nodes = &self.faults.nodes;
                let running = |index: &usize| {
                    let node = &nodes[*index];
                    node.main.is_some() && node.host.is_running()
                };
                let all: Vec<usize> = (0..nodes.len()).filter(running).collect();
                Fault::Node(*self.rng.choose(&all)?)
            }
            Kind::Pause => Fault::Node(self.one()?),
            Kind::ClockJump => {
                let index = self.one()?;
                let by = self.rng.duration(rate.longest);
                Fault::Clock(index, by, self.rng.chance(0.5))
            }
        })
    }

    /// What a fault is, for the report of a shorter run.
    fn words(&self, kind: Kind, fault: &Fault, lasts: Option<Duration>) -> String {
        let names = |indices: &[usize]| {
            let names: Vec<_> = self.hosts(indices).iter().map(Host::name).collect();
            names.join(", ")
        };
        let what = match (fault, kind) {
            (Fault::Ways(one, other), kind) => {
                let (word, arrow) = match kind {
                    Kind::Partition => ("a partition", "<-x->"),
                    Kind::OneWayPartition => ("a partition", "-x->"),
                    _ => ("a hold", "<-||->"),
                };
                format!("{word}, {} {arrow} {}", names(one), names(other))
            }
            (Fault::Connections(one, other), Kind::Reset) => {
                format!(
                    "a reset between {} and {}",
                    names(&[*one]),
                    names(&[*other])
                )
            }
            (Fault::Connections(one, other), _) => format!(
                "{} forgot its connections with {}",
                names(&[*other]),
                names(&[*one])
            ),
            (Fault::Node(index), kind) => {
                let word = match kind {
                    Kind::Crash => "a crash",
                    Kind::Kill => "a kill",
                    _ => "a pause",
                };
                format!("{word} of {}", names(&[*index]))
            }
            (Fault::Clock(index, by, goes_back), _) => {
                let way = if *goes_back { "back" } else { "forward" };
                format!(
                    "the wall clock of {} was set {way} by {by:?}",
                    names(&[*index])
                )
            }
        };
        match lasts {
            Some(lasts) => format!("{what}, for {lasts:?}"),
            None => what,
        }
    }

    /// Causes a fault; returns what ends it.
    fn cause(&self, kind: Kind, fault: Fault) -> Option<Undo> {
        let host = |index: usize| &self.faults.nodes[index].host;
        match fault {
            Fault::Ways(one, other) => {
                let (hosts, others) = (self.hosts(&one), self.hosts(&other));
                match kind {
                    Kind::Partition => self.network.partition(&hosts, &others),
                    Kind::OneWayPartition => self.network.partition_one_way(&hosts, &others),
                    _ => self.network.hold(&hosts, &others),
                }
                Some(match kind {
                    Kind::Hold => Undo::Release(one, other),
                    _ => Undo::Heal(one, other),
                })
            }
            Fault::Connections(one, other) => {
                match kind {
                    Kind::Reset => self.network.reset(host(one), host(other)),
                    _ => self.network.forget_connections(host(one), host(other)),
                }
                None
            }
            Fault::Node(index) => Some(match kind {
                Kind::Crash => {
                    host(index).crash();
                    Undo::Start(index)
                }
                Kind::Kill => {
                    host(index).kill();
                    Undo::Start(index)
                }
                _ => {
                    host(index).pause();
                    Undo::Resume(index)
                }
            }),
            Fault::Clock(index, by, goes_back) => {
                let host = host(index);
                let time = host.handle().system_time();
                host.set_system_time(if goes_back { time - by } else { time + by });
                None
            }
        }
    }

    fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Heal(one, other) => self.network.heal(&self.hosts(&one), &self.hosts(&other)),
            Undo::Release(one, other) => {
                self.network.release(&self.hosts(&one), &self.hosts(&other));
            }
            // The test may have started it meanwhile.
            Undo::Start(index) if !self.faults.nodes[index].host.is_running() => {
                start(&self.faults, index);
            }
            Undo::Start(_) => {}
            Undo::Resume(index) => self.faults.nodes[index].host.resume(),
        }
    }

    fn hosts(&self, indices: &[usize]) -> Vec<Host> {
        indices
            .iter()
            .map(|&index| self.faults.nodes[index].host.clone())
            .collect()
    }

    fn one(&mut self) -> Option<usize> {
        let count = self.faults.nodes.len() as u64;
        (count > 0).then(|| self.rng.below(count) as usize)
    }

    fn two(&mut self) -> Option<(usize, usize)> {
        let (one, other) = self.split()?;
        Some((*self.rng.choose(&one)?, *self.rng.choose(&other)?))
    }

    /// Two groups, none of which is empty.
    fn split(&mut self) -> Option<(Vec<usize>, Vec<usize>)> {
        let mut all: Vec<usize> = (0..self.faults.nodes.len()).collect();
        if all.len() < 2 {
            return None;
        }
        self.rng.shuffle(&mut all);
        let at = 1 + self.rng.below(all.len() as u64 - 1) as usize;
        let other = all.split_off(at);
        Some((all, other))
    }
}

impl fmt::Debug for RunningFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningFaults")
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
