use crate::SplitMix64;

/// Who is polled first.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// In the order in which they were given.
    Biased,
    /// From a random one on, another one each time.
    Seeded(SplitMix64),
}

impl Order {
    /// Returns with which of `count` to begin.
    #[inline]
    pub(crate) fn start(&mut self, count: usize) -> usize {
        match self {
            Self::Biased => 0,
            Self::Seeded(_) if count == 0 => 0,
            Self::Seeded(generator) => generator.below(count as u64) as usize,
        }
    }
}
