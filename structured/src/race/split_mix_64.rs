/// A small generator of numbers that only look random, for orders and pauses that can be repeated.
///
/// It is SplitMix64: 64 bits of state, a Weyl sequence and a mixing function (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014). It passes common statistical tests and is **not** fit for secrets. The same seed gives the
/// same numbers on every platform and in every version of this crate, and every seed is a good one.
///
/// Rules: `calls::generator_keeps_its_bound`.
///
/// # Examples
///
/// ```
/// use anyrt_structured::SplitMix64;
///
/// let (mut one, mut two) = (SplitMix64::new(7), SplitMix64::new(7));
/// assert_eq!(one.next_u64(), two.next_u64());
/// assert!(one.below(6) < 6);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Makes a generator; any seed will do.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns the next number, any of the 2⁶⁴ with the same frequency.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`. Its frequencies differ by at most `bound` in 2⁶⁴.
    ///
    /// # Panics
    ///
    /// When `bound` is zero.
    #[track_caller]
    pub const fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "`SplitMix64::below` needs a bound above zero");
        // The upper half of the product: the fraction that the number is of 2⁶⁴, times the bound.
        ((self.next_u64() as u128 * bound as u128) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yields_the_published_numbers() {
        let mut generator = SplitMix64::new(1234567);
        let numbers: [u64; 5] = std::array::from_fn(|_| generator.next_u64());
        assert_eq!(
            numbers,
            [
                6457827717110365317,
                3203168211198807973,
                9817491932198370423,
                4593380528125082431,
                16408922859458223821
            ]
        );
    }

    #[test]
    fn below_reaches_all_and_no_more() {
        let mut generator = SplitMix64::new(0);
        let mut counts = [0_u32; 6];
        for _ in 0..6000 {
            counts[generator.below(6) as usize] += 1;
        }
        assert!(
            counts.iter().all(|&count| (850..1150).contains(&count)),
            "{counts:?}"
        );
    }
}
