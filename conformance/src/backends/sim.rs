//! The simulation.

use std::future::Future;
use std::time::Duration;

use anyrt_conformance_net::Sockets;
use anyrt_core::{
    BlockOn, Config, Current as _, JoinHandle, Launch, LaunchError, SpawnLocal, SpawnMeta,
};
use anyrt_sim::{Ambient, BlockingTask, LocalTask, Sim, Sleep, Task};

use super::ambient::ambient;
use super::{
    BlocksByHandle, LocalBlockOn, SetsWallClock, SharedTimer, SharesTimer, WallClock, through_any,
    unix,
};
use crate::{AtShutdown, Backend};

const STEP: &str = "a closure is a step of the schedule, on the thread that drives, so that a seed decides when it runs";
const AROUND: &str = "an ambient form takes the simulation around, and has no other";
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
    let ambient = Backend::owned_by_thread::<FoundRuntime>("sim+ambient", Config::new());
    let ambient = common(ambient).current::<Sim>();
    let local_ambient = Backend::local::<FoundRuntime>("sim-local+ambient", Config::new());
    let local_ambient = common(local_ambient).current_local::<Sim>();
    let allocates =
        |it: Backend| it.deviates("spawn::small_task_costs_one_allocation", ALLOCATIONS);
    let with_unix = unix::<Sim>(sim.clone()).deviates("net::unix_file_stays", FILE);
    vec![
        allocates(with_unix),
        through_any(sim),
        allocates(local),
        takes_the_one_around(allocates(ambient)),
        takes_the_one_around(allocates(local_ambient)),
    ]
}

const NETWORK: &str = "a simulation has a network of its own, which reaches no other simulation";
const FILE: &str = "a simulated host has no file system, so a Unix socket leaves no file";

/// What an ambient form inside another simulation cannot do.
fn takes_the_one_around(backend: Backend) -> Backend {
    [
        "right_runtime::handle_beats_the_ambient",
        "right_runtime::closures_run_on_the_handles_pool",
        "right_runtime::survives_the_other_shutdown",
        "right_runtime::armed_under_another_stays_its_own",
    ]
    .into_iter()
    .fold(backend, |backend, rule| backend.deviates(rule, AROUND))
}

/// Makes the call by the ambient form where it finds a simulation, and by the handle elsewhere.
macro_rules! found {
    ($handle:expr, $form:ident => $call:expr) => {{
        match Ambient::try_current() {
            Ok($form) => $call,
            Err(_) => {
                let $form = $handle;
                $call
            }
        }
    }};
}

ambient! {
    /// A simulation's ambient form, wherever it finds one.
    Found(Sim) of FoundRuntime(Threaded);
    Task BlockingTask Sleep;
    by found
}

impl SpawnLocal for Found {
    type LocalTask<T> = LocalTask<T>;

    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        found!(&self.0, form => form.spawn_local(future))
    }

    #[track_caller]
    fn spawn_local_with<F>(
        &self,
        meta: SpawnMeta<'_>,
        future: F,
    ) -> JoinHandle<LocalTask<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        found!(&self.0, form => form.spawn_local_with(meta, future))
    }
}

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
            let found = || rt.native::<Found>().map(|it| &it.0);
            let sim = rt
                .native::<Sim>()
                .or_else(found)
                .expect("a handle of the simulation");
            sim.set_system_time(time);
        },
        local: |rt, time| {
            let found = || rt.native::<Found>().map(|it| &it.0);
            let sim = rt
                .native::<Sim>()
                .or_else(found)
                .expect("a handle of the simulation");
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
