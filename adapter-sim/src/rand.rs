//! The generator as those of the crates `rand` and `rand_core` see it. Behind the feature `rand`.

use rand_core::RngCore;

use crate::Rng;

/// Lets a library's own jitter come from the seed: what takes a generator of `rand` takes this one.
///
/// # Examples
///
/// ```
/// use anyrt_core::Launch;
/// use anyrt_sim::Sim;
/// use rand_core::RngCore;
///
/// /// The code under test.
/// struct Backoff<G> { rng: G }
///
/// impl<G: RngCore> Backoff<G> {
///     fn millis(&mut self) -> u32 { 100 + self.rng.next_u32() % 100 }
/// }
///
/// let millis = |seed| {
///     let rt = Sim::builder().seed(seed).build();
///     Backoff { rng: rt.handle().rng_for("backoff") }.millis()
/// };
/// assert_eq!(millis(7), millis(7));
/// ```
impl RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        // The upper half is the better one of this generator.
        (self.u64() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.u64()
    }

    fn fill_bytes(&mut self, dst: &mut [u8]) {
        for chunk in dst.chunks_mut(8) {
            let word = self.u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_words() {
        let (mut one, mut other) = (Rng::seeded(1), Rng::seeded(1));
        let mut bytes = [0; 11];
        one.fill_bytes(&mut bytes);
        let words = [
            other.next_u64().to_le_bytes(),
            other.next_u64().to_le_bytes(),
        ]
        .concat();
        assert_eq!(bytes, words[..11]);
        assert_eq!(one.next_u32(), (other.next_u64() >> 32) as u32);
    }
}
