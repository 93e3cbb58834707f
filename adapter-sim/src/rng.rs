use std::fmt;
use std::ops::Range;
use std::time::Duration;

/// A small seeded generator whose numbers never change: the same seed gives the same numbers on every machine and in every
/// version of this crate.
///
/// [`Sim::rng`](crate::Sim::rng) makes one that follows the simulation's seed. It is not for secrets. With the feature
/// `rand` it is a generator of `rand` 0.9, with `rand-08` of `rand` 0.8, and with `rand-010` of `rand` 0.10, for code that takes one.
///
/// The algorithm is xoshiro256\*\* of D. Blackman and S. Vigna ("Scrambled Linear Pseudorandom Number Generators", ACM
/// Transactions on Mathematical Software 47, 2021), seeded by splitmix64 (G. Steele, D. Lea and C. Flood, "Fast Splittable
/// Pseudorandom Number Generators", OOPSLA 2014), and numbers below a bound are drawn without bias after D. Lemire ("Fast
/// Random Integer Generation in an Interval", ACM Transactions on Modeling and Computer Simulation 29, 2019).
///
/// # Examples
///
/// ```
/// use anyrt_sim::Rng;
///
/// let mut rng = Rng::seeded(7);
/// let mut deck = [1, 2, 3, 4, 5];
/// rng.shuffle(&mut deck);
///
/// let mut again = Rng::seeded(7);
/// let mut other = [1, 2, 3, 4, 5];
/// again.shuffle(&mut other);
/// assert_eq!(deck, other);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

/// What a stream of numbers is for. Each purpose has its own, so that one more draw in one shifts no other.
///
/// The numbers of the four that every simulation has never change. Another part of the simulation names its purpose.
#[derive(Clone, Copy)]
pub(crate) struct Purpose(u64);

impl Purpose {
    pub(crate) const SCHEDULE: Self = Self(1);
    pub(crate) const TIME: Self = Self(2);
    pub(crate) const USER: Self = Self(3);
    pub(crate) const FAULTS: Self = Self(4);

    /// The purpose of a name: its hash, after G. Fowler, L. Noll and K.-P. Vo (FNV-1a, 64 bits).
    pub(crate) fn named(name: &str) -> Self {
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Self(hash)
    }
}

impl Rng {
    /// Makes the generator of a seed.
    pub fn seeded(seed: u64) -> Self {
        let mut mix = SplitMix(seed);
        Self {
            state: [mix.next(), mix.next(), mix.next(), mix.next()],
        }
    }

    pub(crate) fn stream(seed: u64, purpose: Purpose) -> Self {
        // Both numbers are mixed before they meet, so that the streams of neighbouring seeds are no neighbours.
        let seed = SplitMix(seed).next();
        Self::seeded(seed ^ SplitMix(purpose.0).next().rotate_left(32))
    }

    /// Draws any number.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(anyrt_sim::Rng::seeded(0).u64(), 11_091_344_671_253_066_420);
    /// ```
    #[inline]
    pub fn u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// Draws a number below `bound`, all equally likely.
    ///
    /// # Panics
    ///
    /// When `bound` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut rng = anyrt_sim::Rng::seeded(1);
    /// assert!((0..100).all(|_| rng.below(6) < 6));
    /// ```
    #[inline]
    #[track_caller]
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "`Rng::below` with a bound of zero");
        loop {
            let wide = u128::from(self.u64()) * u128::from(bound);
            let low = wide as u64;
            // The first comparison is the rare one, and spares the division.
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Draws a number from `range`, all equally likely.
    ///
    /// # Panics
    ///
    /// When `range` is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut rng = anyrt_sim::Rng::seeded(1);
    /// assert!((3..9).contains(&rng.range(3..9)));
    /// ```
    #[track_caller]
    pub fn range(&mut self, range: Range<u64>) -> u64 {
        assert!(range.start < range.end, "`Rng::range` of an empty range");
        range.start + self.below(range.end - range.start)
    }

    /// Says `true` with the probability `p`: never at 0 or less, always at 1 or more.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut rng = anyrt_sim::Rng::seeded(1);
    /// let heads = (0..1000).filter(|_| rng.chance(0.5)).count();
    /// assert!((400..600).contains(&heads));
    /// ```
    pub fn chance(&mut self, p: f64) -> bool {
        // 53 bits: as many as an `f64` holds without rounding, so that the comparison is the same everywhere.
        const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
        ((self.u64() >> 11) as f64) * UNIT < p
    }

    /// Draws a duration of at most `longest`, down to the nanosecond.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let longest = Duration::from_millis(10);
    /// assert!(anyrt_sim::Rng::seeded(1).duration(longest) <= longest);
    /// ```
    pub fn duration(&mut self, longest: Duration) -> Duration {
        let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
        match nanos.checked_add(1) {
            Some(bound) => Duration::from_nanos(self.below(bound)),
            None => Duration::from_nanos(self.u64()),
        }
    }

    /// Puts `items` into any order, all equally likely.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut order: Vec<u32> = (0..10).collect();
    /// anyrt_sim::Rng::seeded(1).shuffle(&mut order);
    /// assert!(!order.is_sorted());
    /// ```
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }

    /// Draws one of `items`, or `None` where there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut rng = anyrt_sim::Rng::seeded(1);
    /// assert!(rng.choose(&["get", "put"]).is_some());
    /// assert!(rng.choose::<u8>(&[]).is_none());
    /// ```
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() {
            return None;
        }
        items.get(self.below(items.len() as u64) as usize)
    }

    /// Makes a generator of its own from this one.
    ///
    /// # Examples
    ///
    /// One for each client, so that a client that draws once more shifts nobody else:
    ///
    /// ```
    /// let mut rng = anyrt_sim::Rng::seeded(1);
    /// let clients: Vec<_> = (0..3).map(|_| rng.fork()).collect();
    /// assert_ne!(clients[0], clients[1]);
    /// ```
    pub fn fork(&mut self) -> Self {
        Self::seeded(self.u64())
    }
}

impl fmt::Debug for Rng {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rng").finish_non_exhaustive()
    }
}

struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }
}

/// The finalizer of splitmix64: every bit of the result depends on every bit of the argument.
#[inline]
pub(crate) fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_the_published_numbers() {
        let mut mix = SplitMix(1_234_567);
        assert_eq!(mix.next(), 6_457_827_717_110_365_317);
        assert_eq!(mix.next(), 3_203_168_211_198_807_973);
        assert_eq!(mix.next(), 9_817_491_932_198_370_423);
        assert_eq!(mix.next(), 4_593_380_528_125_082_431);
        assert_eq!(mix.next(), 16_408_922_859_458_223_821);
    }

    #[test]
    fn xoshiro_gives_the_published_numbers() {
        let mut rng = Rng {
            state: [1, 2, 3, 4],
        };
        let expected = [
            11_520,
            0,
            1_509_978_240,
            1_215_971_899_390_074_240,
            1_216_172_134_540_287_360,
            607_988_272_756_665_600,
            16_172_922_978_634_559_625,
            8_476_171_486_693_032_832,
        ];
        for number in expected {
            assert_eq!(rng.u64(), number);
        }
    }

    #[test]
    fn below_is_fair() {
        let mut rng = Rng::seeded(3);
        let mut seen = [0u32; 7];
        for _ in 0..70_000 {
            seen[rng.below(7) as usize] += 1;
        }
        // Ten standard deviations of a fair draw are 926.
        assert!(seen.iter().all(|&n| n.abs_diff(10_000) < 926), "{seen:?}");
    }

    #[test]
    fn chance_knows_its_ends() {
        let mut rng = Rng::seeded(3);
        assert!((0..1000).all(|_| rng.chance(1.0) && !rng.chance(0.0)));
    }

    #[test]
    fn purposes_and_seeds_have_streams_of_their_own() {
        let mut firsts: Vec<u64> = (0..100)
            .flat_map(|seed| {
                [
                    Purpose::SCHEDULE,
                    Purpose::TIME,
                    Purpose::USER,
                    Purpose::FAULTS,
                    Purpose::named("network"),
                    Purpose::named("disk"),
                ]
                .map(|purpose| Rng::stream(seed, purpose).u64())
            })
            .collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), 600);
    }
}
