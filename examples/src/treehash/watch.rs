use std::pin::Pin;
use std::sync::Arc;

use anyrt_core::{Instant, Interval, Timer};
use futures::future::FusedFuture;
use futures::{FutureExt, pin_mut, select_biased};

use super::Progress;
use super::progress::Counters;

/// Waits for one thing after the other, listens for the stop meanwhile, and reports the progress in even steps.
pub(super) struct Watch<'a, T: Timer, C, P> {
    pub(super) timer: &'a T,
    pub(super) start: Instant,
    pub(super) counters: &'a Arc<Counters>,
    pub(super) ticks: Pin<&'a mut Interval<T>>,
    pub(super) stop: Pin<&'a mut C>,
    pub(super) report: P,
}

impl<T, C, P> Watch<'_, T, C, P>
where
    T: Timer,
    C: FusedFuture<Output = ()>,
    P: FnMut(Progress),
{
    /// Waits for `work`; returns `None` when the stop came first.
    ///
    /// The stop is looked at first and `work` last, because `work` may always be ready. A tick that is not taken is not lost
    /// (`interval::dropping_a_tick_loses_none`), so the interval may sit in a `select!` that is left again and again.
    pub(super) async fn attend<F: Future>(&mut self, work: F) -> Option<F::Output> {
        let work = work.fuse();
        pin_mut!(work);
        loop {
            select_biased! {
                () = self.stop.as_mut() => return None,
                _ = self.ticks.as_mut().tick().fuse() => self.report(),
                output = work => return Some(output),
            }
        }
    }

    fn report(&mut self) {
        let elapsed = self.timer.now() - self.start;
        (self.report)(self.counters.progress(elapsed));
    }
}
