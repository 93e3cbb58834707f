//! The generator as those of the crates `rand` and `rand_core` see it, in the versions that libraries use. Behind the features `rand`
//! (0.9), `rand-08` and `rand-010`.

use crate::Rng;

impl Rng {
    fn word(&mut self) -> u32 {
        // The upper half is the better one of this generator.
        (self.u64() >> 32) as u32
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// Lets a library's own jitter come from the seed: what takes a generator of `rand` 0.9 takes this one.
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
#[cfg(feature = "rand")]
impl rand_core::RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        self.word()
    }

    fn next_u64(&mut self) -> u64 {
        self.u64()
    }

    fn fill_bytes(&mut self, dst: &mut [u8]) {
        self.fill(dst);
    }
}

/// The same for `rand` 0.8.
#[cfg(feature = "rand-08")]
impl rand_core_06::RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        self.word()
    }

    fn next_u64(&mut self) -> u64 {
        self.u64()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.fill(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill(dest);
        Ok(())
    }
}

/// The same for `rand` 0.10.
#[cfg(feature = "rand-010")]
impl rand_core_010::TryRng for Rng {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.u64())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        self.fill(dst);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_words_in_every_version() {
        let mut words = Rng::seeded(1);
        let expected = [words.u64().to_le_bytes(), words.u64().to_le_bytes()].concat();
        let next = (words.u64() >> 32) as u32;

        let (mut rng, mut bytes) = (Rng::seeded(1), [0; 11]);
        rand_core::RngCore::fill_bytes(&mut rng, &mut bytes);
        assert_eq!(bytes, expected[..11]);
        assert_eq!(rand_core::RngCore::next_u32(&mut rng), next);

        let (mut rng, mut bytes) = (Rng::seeded(1), [0; 11]);
        rand_core_06::RngCore::fill_bytes(&mut rng, &mut bytes);
        assert_eq!(bytes, expected[..11]);
        assert_eq!(rand_core_06::RngCore::next_u32(&mut rng), next);

        let (mut rng, mut bytes) = (Rng::seeded(1), [0; 11]);
        rand_core_010::Rng::fill_bytes(&mut rng, &mut bytes);
        assert_eq!(bytes, expected[..11]);
        assert_eq!(rand_core_010::Rng::next_u32(&mut rng), next);
    }
}
