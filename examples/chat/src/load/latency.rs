use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bits of a value that tell buckets apart: 64 for each power of two, so that a bucket is 1.6 % wide.
const BITS: u32 = 6;
const BUCKETS: usize = (64 - BITS as usize + 1) << BITS;

/// A histogram of durations, for many tasks at once. Microseconds, in buckets of 1.6 %.
pub struct Latency(Box<[AtomicU64]>);

impl Default for Latency {
    fn default() -> Self {
        Self((0..BUCKETS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Latency {
    /// Counts a duration.
    pub fn record(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.0[bucket(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts all of another histogram.
    pub fn add(&self, other: &Self) {
        for (ours, theirs) in self.0.iter().zip(&other.0) {
            ours.fetch_add(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// The shortest duration that this share of all does not exceed.
    pub fn quantile(&self, share: f64) -> Duration {
        let counts: Vec<u64> = self.counts().collect();
        let wanted = (counts.iter().sum::<u64>() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (index, count) in counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(floor(index));
            }
        }
        Duration::MAX
    }

    fn counts(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|count| count.load(Ordering::Relaxed))
    }
}

fn bucket(value: u64) -> usize {
    let power = (u64::BITS - value.leading_zeros()).saturating_sub(BITS + 1);
    ((power as usize) << BITS) + (value >> power) as usize
}

/// The least value of a bucket.
fn floor(index: usize) -> u64 {
    let power = (index >> BITS).saturating_sub(1);
    ((index - (power << BITS)) as u64) << power
}

/// As `BUCKET:COUNT`, with commas: what one process tells another.
impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = self.counts().enumerate().filter(|(_, count)| *count > 0);
        for (number, (bucket, count)) in counted.enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{bucket}:{count}")?;
        }
        Ok(())
    }
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let latency = Self::default();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let counted = part.split_once(':').and_then(|(bucket, count)| {
                let place = latency.0.get(bucket.parse::<usize>().ok()?)?;
                place.store(count.parse().ok()?, Ordering::Relaxed);
                Some(())
            });
            counted.ok_or_else(|| format!("`{part}` is no bucket and its count"))?;
        }
        Ok(latency)
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Latency").field(&self.to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_at_least_its_floor() {
        for value in (0..5000).chain([1 << 20, (1 << 40) + 12345, u64::MAX]) {
            let index = bucket(value);
            assert!(floor(index) <= value, "{value}");
            assert!(value - floor(index) <= value / 64, "{value}");
            assert!(index < BUCKETS, "{value}");
        }
    }

    #[test]
    fn quantiles_survive_the_way_to_another_process() {
        let latency = Latency::default();
        for millis in 1..=100 {
            latency.record(Duration::from_millis(millis));
        }
        let told: Latency = latency.to_string().parse().unwrap();
        told.add(&Latency::default());
        for (share, millis) in [(0.5, 50), (0.99, 99), (1.0, 100)] {
            let quantile = told.quantile(share);
            let exact = Duration::from_millis(millis);
            assert!(quantile <= exact && quantile > exact * 63 / 64, "{share}");
        }
    }
}
