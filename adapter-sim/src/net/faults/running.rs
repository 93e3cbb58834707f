use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{AbortHandle, Spawn, Timer};

use super::super::{Host, Network};
use super::plan::{Faults, Kind, Rate};
use crate::host_id::HostId;
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
        let wait = self.rng.duration(rate.every * 2);
        self.due.push((self.sim.elapsed() + wait, Due::Fault(rate)));
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

    fn strike(&mut self, rate: Rate) {
        let faults = Arc::clone(&self.faults);
        let undo = match rate.kind {
            Kind::Partition | Kind::OneWayPartition | Kind::Hold => {
                let Some((one, other)) = self.split() else {
                    return;
                };
                let (hosts, others) = (self.hosts(&one), self.hosts(&other));
                match rate.kind {
                    Kind::Partition => self.network.partition(&hosts, &others),
                    Kind::OneWayPartition => self.network.partition_one_way(&hosts, &others),
                    _ => self.network.hold(&hosts, &others),
                }
                match rate.kind {
                    Kind::Hold => Undo::Release(one, other),
                    _ => Undo::Heal(one, other),
                }
            }
            Kind::Reset | Kind::Forget => {
                let Some((one, other)) = self.two() else {
                    return;
                };
                let (one, other) = (&faults.nodes[one].host, &faults.nodes[other].host);
                match rate.kind {
                    Kind::Reset => self.network.reset(one, other),
                    _ => self.network.forget_connections(one, other),
                }
                return;
            }
            Kind::Crash | Kind::Kill => {
                let running = |index: &usize| {
                    let node = &faults.nodes[*index];
                    node.main.is_some() && node.host.is_running()
                };
                let all: Vec<usize> = (0..faults.nodes.len()).filter(running).collect();
                let Some(&index) = self.rng.choose(&all) else {
                    return;
                };
                match rate.kind {
                    Kind::Crash => faults.nodes[index].host.crash(),
                    _ => faults.nodes[index].host.kill(),
                }
                Undo::Start(index)
            }
            Kind::Pause => {
                let Some(index) = self.one() else { return };
                faults.nodes[index].host.pause();
                Undo::Resume(index)
            }
            Kind::ClockJump => {
                let Some(index) = self.one() else { return };
                let host = &faults.nodes[index].host;
                let (time, by) = (host.handle().system_time(), self.rng.duration(rate.longest));
                let goes_back = self.rng.chance(0.5);
                host.set_system_time(if goes_back { time - by } else { time + by });
                return;
            }
        };
        let lasts = self.rng.duration(rate.longest);
        self.due.push((self.sim.elapsed() + lasts, Due::Undo(undo)));
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
