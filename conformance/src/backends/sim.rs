//! The simulation.

use std::future::Future;
use std::time::Duration;

use anyrt_conformance_net::Sockets;
use anyrt_core::{BlockOn, Config, Launch, LaunchError};
use anyrt_sim::Sim;

use super::{
    BlocksByHandle, LocalBlockOn, SetsWallClock, SharedTimer, SharesTimer, WallClock, through_any,
    unix,
};
use crate::{AtShutdown, Backend};

const STEP: &str = "a closure is a step of the schedule, on the thread that drives, so that a seed decides when it runs";
const ALLOCATIONS: &str = "a task is four allocations: its future, its entry in reports, its waker and its output; a spawn takes a microsecond";

pub(super) fn backends() -> Vec<Backend> {
    let sim = common(Backend::owned_by_thread::<Threaded>("sim", Config::new())).current::<Sim>();
    let sim = sim
        .sockets::<Sim>()
        .deviates("net::shutdown_drops_sockets", NETWORK);
    // The one handle is for local tasks as well.
    let local =
        common(Backend::local::<Threaded>("sim-local", Config::new())).current_local::<Sim>();
    let local = local
        .declares(SharedTimer)
        .extended(SharesTimer::of::<Sim>())
        .declares(LocalBlockOn)
        .extended(BlocksByHandle::of::<Sim>())
        .local_sockets::<Sim>();
    let allocates =
        |it: Backend| it.deviates("spawn::small_task_costs_one_allocation", ALLOCATIONS);
    let with_unix = unix::<Sim>(sim.clone()).deviates("net::unix_file_stays", FILE);
    vec![allocates(with_unix), through_any(sim), allocates(local)]
}

const NETWORK: &str = "a simulation has a network of its own, which reaches no other simulation";
const FILE: &str = "a simulated host has no file system, so a Unix socket leaves no file";

/// A simulation that permits what no seed can replay, since rules use threads, and in which a poll takes a microsecond, since
/// rules wait by yielding.
#[derive(Debug)]
struct Threaded(anyrt_sim::Owned);

impl Launch for Threaded {
    type Handle = Sim;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("sim", &[])?;
        let builder = Sim::builder()
            .allow_external()
            .poll_cost(Duration::from_micros(1))
            .step_limit(u64::MAX)
            .spin_limit(u64::MAX)
            .print_reports(false);
        Ok(Self(builder.build()))
    }

    fn handle(&self) -> Sim {
        self.0.handle()
    }

    fn shutdown(self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

impl BlockOn for Threaded {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

fn common(backend: Backend) -> Backend {
    let set = SetsWallClock {
        shared: |rt, time| {
            let sim = rt.native::<Sim>().expect("a handle of the simulation");
            sim.set_system_time(time);
        },
        local: |rt, time| {
            let sim = rt.native::<Sim>().expect("a handle of the simulation");
            sim.set_system_time(time);
        },
    };
    let backend = backend.declares(WallClock).extended(set);
    let backend = backend.claims(|claims| {
        claims.virtual_time = true;
        claims.nested_block_on = true;
        claims.blocking_parallelism = 1;
        claims.blocking_limit = 1;
        claims.blocking_at_shutdown = AtShutdown::NoneRuns;
    });
    [
        "blocking::runs_off_the_executor",
        "blocking::starts_without_a_poll",
        "blocking::queues_beyond_the_limit",
        "workload::cpu_offload",
    ]
    .into_iter()
    .fold(backend, |backend, rule| backend.deviates(rule, STEP))
}
