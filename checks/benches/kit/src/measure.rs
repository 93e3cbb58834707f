//! Puts a way of working, a way of driving it and a probe together.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::operation::Operation;
use crate::probe::Probe;
use crate::work::Work;

/// Runs a future as a task of a runtime, to its end, from outside.
pub trait Drive: Send + Sync + 'static {
    /// Runs `root` as a task, and returns once it has ended.
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F);

    /// Does `work`, which is no async code, where the runtime's ambient functions find it.
    fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }
}

/// A way of doing the operations on a running backend, without its type.
pub trait Measure: Send + Sync {
    /// Does `operation` `times` times, between the beginning and the end that it tells `probe`.
    fn measure(&self, operation: Operation, times: usize, probe: &Arc<dyn Probe>);
}

/// [`Work`] that is driven on a backend.
pub struct Driven<W, D> {
    /// How the operations are done.
    pub work: W,
    /// Where they are done.
    pub drive: D,
}

macro_rules! inside {
    ($self:ident, $probe:ident, $work:ident => $operation:expr) => {{
        let ($work, probe) = ($self.work.clone(), $probe.clone());
        $self.drive.drive(async move {
            probe.begin();
            $operation.await;
            probe.end();
        })
    }};
}

impl<W: Work, D: Drive> Measure for Driven<W, D> {
    fn measure(&self, operation: Operation, times: usize, probe: &Arc<dyn Probe>) {
        match operation {
            Operation::SpawnJoin => inside!(self, probe, work => work.spawn_join(times)),
            Operation::Batch => inside!(self, probe, work => work.batch(times)),
            Operation::Detach => inside!(self, probe, work => work.detach(times)),
            Operation::SleepMade => inside!(self, probe, work => work.sleep_made(times)),
            Operation::SleepPolled => inside!(self, probe, work => work.sleep_polled(times)),
            Operation::TimeoutReady => inside!(self, probe, work => work.timeout_ready(times)),
            Operation::TimeoutPending => inside!(self, probe, work => work.timeout_pending(times)),
            Operation::IntervalTick => inside!(self, probe, work => work.interval_tick(times)),
            Operation::Blocking => inside!(self, probe, work => work.blocking(times)),
            Operation::BlockOn => self.drive.enter(|| {
                probe.begin();
                self.work.block_on(times);
                probe.end();
            }),
            Operation::AbortJoin => inside!(self, probe, work => work.abort_join(times)),
            Operation::PanicJoin => inside!(self, probe, work => work.panic_join(times)),
            other => unreachable!("{} is measured by `structured`", other.name()),
        }
    }
}

impl<W, D> fmt::Debug for Driven<W, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven").finish_non_exhaustive()
    }
}
