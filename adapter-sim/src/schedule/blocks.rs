//! Steps in blocks: whether so many take less than a virtual second.

use crate::settings::Settings;

/// Nanoseconds.
const SECOND: u64 = 1_000_000_000;

pub(super) struct Blocks {
    /// After how many steps the block ends, or the limit of steps is reached.
    pub(super) end: u64,
    /// When the block began.
    began: u64,
}

impl Blocks {
    pub(super) fn new(settings: &Settings) -> Self {
        let steps = settings.steps_per_second.unwrap_or(u64::MAX);
        Self {
            end: steps.min(settings.step_limit),
            began: 0,
        }
    }

    /// Begins a block. Returns the steps of the one before and the time that they took, where that was too little.
    pub(super) fn begin(&mut self, now: u64, settings: &Settings) -> Option<(u64, u64)> {
        let steps = settings.steps_per_second?;
        let took = now - std::mem::replace(&mut self.began, now);
        self.end = self.end.saturating_add(steps).min(settings.step_limit);
        (took < SECOND).then_some((steps, took))
    }
}
