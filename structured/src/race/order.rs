use crate::SplitMix64;

/// Which future is polled first.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// In the order in which they were given.
    Biased,
    /// A random one, drawn anew at each poll.
    Seeded(SplitMix64),
}

impl Order {
    /// Returns the index, below `count`, of the future to poll first.
    #[inline]
    pub(crate) fn start(&mut self, count: usize) -> usize {
        match self {
            Self::Biased => 0,
            Self::Seeded(_) if count == 0 => 0,
            Self::Seeded(generator) => generator.below(count as u64) as usize,
        }
    }
}
