//! The operations on runtimes of one thread, whose tasks need not be `Send`.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use anyrt_core::{BlockOn, Config, Launch, LocalRuntime, SpawnLocal};

use crate::layer::Layer;
use crate::measure::Measure;
use crate::operation::{BATCH, Operation};
use crate::probe::{Nothing, Probe};

/// What [`Work`](crate::work::Work) is to runtimes of many threads.
///
/// Every method but [`block_on`](Self::block_on) is awaited inside a local task of the runtime.
pub trait LocalWork: Clone + 'static {
    /// See [`Operation::SpawnJoin`].
    fn spawn_join(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::Batch`]; `times` is a multiple of the batch.
    fn batch(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::Detach`]; `times` is a multiple of the batch.
    fn detach(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::SleepMade`].
    fn sleep_made(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::SleepPolled`].
    fn sleep_polled(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::TimeoutReady`].
    fn timeout_ready(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::TimeoutPending`].
    fn timeout_pending(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::IntervalTick`].
    fn interval_tick(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::Blocking`].
    fn blocking(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::BlockOn`].
    fn block_on(&self, times: usize);
    /// See [`Operation::AbortJoin`].
    fn abort_join(&self, times: usize) -> impl Future<Output = ()>;
    /// See [`Operation::PanicJoin`].
    fn panic_join(&self, times: usize) -> impl Future<Output = ()>;
}

/// A runtime of the thread that starts it.
pub trait StartLocal {
    /// How the operations are done on it.
    type Work: LocalWork;

    /// Starts one.
    fn start() -> Self;

    /// What does the operations on it.
    fn work(&self) -> Self::Work;

    /// Runs `root` as a local task, and returns once it has ended.
    fn drive<F: Future<Output = ()> + 'static>(&self, root: F);
}

/// anyrt's own.
impl<L> StartLocal for L
where
    L: Launch<Handle: LocalRuntime + BlockOn>,
{
    type Work = Layer<L::Handle>;

    fn start() -> Self {
        Self::launch(Config::new()).expect("every runtime starts with its own defaults")
    }

    fn work(&self) -> Self::Work {
        Layer(self.handle())
    }

    fn drive<F: Future<Output = ()> + 'static>(&self, root: F) {
        self.block_on(self.handle().spawn_local(root))
            .expect("a root does not panic");
    }
}

/// Starts an `S` for each measurement, on the thread that asks for it: what belongs to one thread cannot be kept where the gates
/// and benches keep what they measure.
pub struct Local<S>(PhantomData<fn() -> S>);

impl<S> Local<S> {
    /// Starts nothing yet.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S> Default for Local<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Local<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish()
    }
}

impl<S: StartLocal> Measure for Local<S> {
    fn measure(&self, operation: Operation, times: usize, probe: &Arc<dyn Probe>) {
        let runtime = S::start();
        let warm: Arc<dyn Probe> = Arc::new(Nothing);
        run(&runtime, operation, BATCH, &warm);
        run(&runtime, operation, times, probe);
    }
}

macro_rules! inside {
    ($runtime:ident, $probe:ident, $work:ident => $operation:expr) => {{
        let ($work, probe) = ($runtime.work(), $probe.clone());
        $runtime.drive(async move {
            probe.begin();
            $operation.await;
            probe.end();
        })
    }};
}

fn run<S: StartLocal>(runtime: &S, operation: Operation, times: usize, probe: &Arc<dyn Probe>) {
    match operation {
        Operation::SpawnJoin => inside!(runtime, probe, work => work.spawn_join(times)),
        Operation::Batch => inside!(runtime, probe, work => work.batch(times)),
        Operation::Detach => inside!(runtime, probe, work => work.detach(times)),
        Operation::SleepMade => inside!(runtime, probe, work => work.sleep_made(times)),
        Operation::SleepPolled => inside!(runtime, probe, work => work.sleep_polled(times)),
        Operation::TimeoutReady => inside!(runtime, probe, work => work.timeout_ready(times)),
        Operation::TimeoutPending => inside!(runtime, probe, work => work.timeout_pending(times)),
        Operation::IntervalTick => inside!(runtime, probe, work => work.interval_tick(times)),
        Operation::Blocking => inside!(runtime, probe, work => work.blocking(times)),
        Operation::BlockOn => {
            let work = runtime.work();
            probe.begin();
            work.block_on(times);
            probe.end();
        }
        Operation::AbortJoin => inside!(runtime, probe, work => work.abort_join(times)),
        Operation::PanicJoin => inside!(runtime, probe, work => work.panic_join(times)),
        other => unreachable!("{} is measured by `structured`", other.name()),
    }
}
