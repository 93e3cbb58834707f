use anyrt_core::{Instant, Timer};
use tor_rtcompat::{CoarseInstant, CoarseTimeProvider, RealCoarseTimeProvider};

/// A time that tor-rtcompat and the runtime both know. Coarse times are made by tor-rtcompat alone, so that others are counted from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoarseClock {
    began: Instant,
    coarse: CoarseInstant,
}

impl CoarseClock {
    pub(crate) fn new<T: Timer>(timer: &T) -> Self {
        Self {
            began: timer.now(),
            coarse: RealCoarseTimeProvider::new().now_coarse(),
        }
    }

    pub(crate) fn now<T: Timer>(&self, timer: &T) -> CoarseInstant {
        self.coarse + timer.now().saturating_duration_since(self.began).into()
    }
}
