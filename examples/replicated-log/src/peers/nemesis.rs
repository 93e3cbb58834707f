use std::net::IpAddr;
use std::time::Duration;

use anyrt_sim::Rng;

use super::storm::Disks;
use crate::log::Watch;

const MS: Duration = Duration::from_millis(1);

/// Breaks what turmoil can break, at times that are drawn from a seed, as `storm` of the simulation does.
pub(super) struct Nemesis {
    rng: Rng,
    rates: Vec<(Kind, Duration, Duration)>,
    /// How likely a leader that is struck loses its power, where leaders are struck.
    hunts: Option<f64>,
    longest_down: Duration,
    elections: usize,
    due: Vec<(Duration, Due)>,
}

#[derive(Clone, Copy)]
enum Kind {
    Partition,
    OneWay,
    Hold,
    Crash,
}

enum Due {
    Fault(usize),
    Strike(usize),
    Repair(Vec<IpAddr>, Vec<IpAddr>),
    Release(Vec<IpAddr>, Vec<IpAddr>),
    Start(IpAddr),
}

impl Nemesis {
    pub(super) fn new(mut rng: Rng) -> Self {
        let likely = *rng.choose(&[0.15, 0.4, 0.6]).expect("there are three");
        let mut rates = Vec::new();
        for kind in [Kind::Partition, Kind::OneWay, Kind::Hold, Kind::Crash] {
            if !rng.chance(likely) {
                continue;
            }
            let every = match rng.chance(0.5) {
                true => 100 * MS + rng.duration(400 * MS),
                false => 500 * MS + rng.duration(2500 * MS),
            };
            let longest = match rng.chance(0.5) {
                true => rng.duration(200 * MS),
                false => 200 * MS + rng.duration(2000 * MS),
            };
            rates.push((kind, every, longest));
        }
        let mut nemesis = Self {
            hunts: *rng
                .choose(&[None, Some(0.9), Some(0.9), Some(0.1), Some(0.1)])
                .expect("there are five"),
            longest_down: *rng.choose(&[200 * MS, 1500 * MS]).expect("there are two"),
            rng,
            rates,
            elections: 0,
            due: Vec::new(),
        };
        for index in 0..nemesis.rates.len() {
            nemesis.schedule(index, Duration::ZERO);
        }
        nemesis
    }

    fn schedule(&mut self, index: usize, now: Duration) {
        let wait = self.rng.duration(self.rates[index].1 * 2);
        self.due.push((now + wait, Due::Fault(index)));
    }

    /// Does what is due.
    pub(super) fn step(
        &mut self,
        sim: &mut turmoil::Sim<'_>,
        nodes: &[IpAddr],
        clients: &[IpAddr],
        watch: &Watch,
        disks: &Disks,
    ) {
        let now = sim.elapsed();
        let (elections, ..) = watch.totals();
        if let (Some(leader), Some(_), true) =
            (watch.leader(), self.hunts, elections > self.elections)
        {
            self.elections = elections;
            let wait = self.rng.duration(60 * MS);
            self.due.push((now + wait, Due::Strike(leader)));
        }
        while let Some(index) = self.due.iter().position(|(at, _)| *at <= now) {
            match self.due.swap_remove(index).1 {
                Due::Fault(index) => {
                    self.fault(index, sim, nodes, clients, disks);
                    self.schedule(index, now);
                }
                Due::Strike(leader) => self.strike(leader, sim, nodes, clients, disks),
                Due::Repair(one, other) => each(&one, &other, |a, b| sim.repair(a, b)),
                Due::Release(one, other) => each(&one, &other, |a, b| sim.release(a, b)),
                Due::Start(node) => start(sim, node),
            }
        }
    }

    fn fault(
        &mut self,
        index: usize,
        sim: &mut turmoil::Sim<'_>,
        nodes: &[IpAddr],
        clients: &[IpAddr],
        disks: &Disks,
    ) {
        let (kind, _, longest) = self.rates[index];
        let until = sim.elapsed() + self.rng.duration(longest);
        let mut all = [nodes, clients].concat();
        self.rng.shuffle(&mut all);
        let other = all.split_off(1 + self.rng.below(all.len() as u64 - 1) as usize);
        match kind {
            Kind::Partition => each(&all, &other, |a, b| sim.partition(a, b)),
            Kind::OneWay => each(&all, &other, |a, b| sim.partition_oneway(a, b)),
            Kind::Hold => each(&all, &other, |a, b| sim.hold(a, b)),
            Kind::Crash => {
                let index = self.rng.below(nodes.len() as u64) as usize;
                return self.crash(index, until, sim, nodes, disks);
            }
        }
        let undo = match kind {
            Kind::Hold => Due::Release(all, other),
            _ => Due::Repair(all, other),
        };
        self.due.push((until, undo));
    }

    fn strike(
        &mut self,
        leader: usize,
        sim: &mut turmoil::Sim<'_>,
        nodes: &[IpAddr],
        clients: &[IpAddr],
        disks: &Disks,
    ) {
        if self.rng.chance(self.hunts.unwrap_or_default()) {
            let until = sim.elapsed() + self.rng.duration(self.longest_down);
            return self.crash(leader, until, sim, nodes, disks);
        }
        let mut here = vec![nodes[leader]];
        let mut others = nodes.to_vec();
        others.remove(leader);
        if self.rng.chance(0.5) {
            here.push(clients[0]);
            others.extend(&clients[1..]);
        }
        each(&here, &others, |a, b| sim.partition(a, b));
        let until = sim.elapsed() + self.rng.duration(1000 * MS);
        self.due.push((until, Due::Repair(here, others)));
    }

    fn crash(
        &mut self,
        index: usize,
        until: Duration,
        sim: &mut turmoil::Sim<'_>,
        nodes: &[IpAddr],
        disks: &Disks,
    ) {
        if sim.is_host_running(nodes[index]) {
            sim.crash(nodes[index]);
            disks[index].lose_power();
            self.due.push((until, Due::Start(nodes[index])));
        }
    }

    /// Ends all faults.
    pub(super) fn stop(self, sim: &mut turmoil::Sim<'_>, nodes: &[IpAddr]) {
        for (_, due) in self.due {
            match due {
                Due::Repair(one, other) => each(&one, &other, |a, b| sim.repair(a, b)),
                Due::Release(one, other) => each(&one, &other, |a, b| sim.release(a, b)),
                _ => {}
            }
        }
        nodes.iter().for_each(|&node| start(sim, node));
    }
}

fn start(sim: &mut turmoil::Sim<'_>, node: IpAddr) {
    if !sim.is_host_running(node) {
        sim.bounce(node);
    }
}

fn each(one: &[IpAddr], other: &[IpAddr], mut act: impl FnMut(IpAddr, IpAddr)) {
    for &a in one {
        for &b in other {
            act(a, b);
        }
    }
}
