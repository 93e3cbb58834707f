use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::measure::Measure;
use crate::operation::{BATCH, Operation};
use crate::probe::Probe;

/// The middle and the quartiles of what was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// A quarter lies below.
    pub low: f64,
    /// Half lies below.
    pub median: f64,
    /// Three quarters lie below.
    pub high: f64,
}

impl Summary {
    /// Sorts and reads off.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = share * (values.len().saturating_sub(1)) as f64;
            values
                .get(index.round() as usize)
                .copied()
                .unwrap_or_default()
        };
        Self {
            low: at(0.25),
            median: at(0.5),
            high: at(0.75),
        }
    }
}

/// One operation, done in several ways.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// On which backend.
    pub key: String,
    /// What was done.
    pub operation: Operation,
    /// Nanoseconds per operation, way by way; the first is the base.
    pub nanoseconds: Vec<(String, Summary)>,
    /// The time of each way over that of the base in the same round; the first is 1.
    pub ratios: Vec<Summary>,
}

/// Measures `operation` in each of `ways`, `rounds` times in turns. Each round begins with another way, so that none is always
/// the one that finds the caches as its neighbour left them. The first way is the base of the ratios.
pub fn compare(
    key: &str,
    operation: Operation,
    ways: &[(&str, &dyn Measure)],
    rounds: usize,
) -> Comparison {
    let times = times(operation, ways);
    let mut nanoseconds = vec![Vec::with_capacity(rounds); ways.len()];
    for round in 0..rounds {
        for turn in 0..ways.len() {
            let index = (round + turn) % ways.len();
            let spent = time(ways[index].1, operation, times);
            nanoseconds[index].push(spent.as_nanos() as f64 / times as f64);
        }
    }
    let ratio = |way: &Vec<f64>| {
        let pairs = way.iter().zip(&nanoseconds[0]);
        Summary::of(pairs.map(|(way, base)| way / base).collect())
    };
    Comparison {
        key: key.to_owned(),
        operation,
        ratios: nanoseconds.iter().map(ratio).collect(),
        nanoseconds: ways
            .iter()
            .zip(&nanoseconds)
            .map(|((name, _), way)| ((*name).to_owned(), Summary::of(way.clone())))
            .collect(),
    }
}

/// How many of them take about a millisecond and a half in the first way; this warms up, too.
fn times(operation: Operation, ways: &[(&str, &dyn Measure)]) -> usize {
    const ROUND: Duration = Duration::from_micros(1500);
    let mut times = BATCH;
    loop {
        let spent = ways.iter().map(|way| time(way.1, operation, times)).min();
        if spent.is_none_or(|spent| spent >= ROUND) || times >= 1 << 16 {
            return times;
        }
        times *= 2;
    }
}

fn time(way: &dyn Measure, operation: Operation, times: usize) -> Duration {
    let probe = Arc::new(Watch(Mutex::new((None, Duration::ZERO))));
    let told: Arc<dyn Probe> = probe.clone();
    way.measure(operation, times, &told);
    probe.0.lock().expect("nothing panics with it").1
}

struct Watch(Mutex<(Option<Instant>, Duration)>);

impl Probe for Watch {
    fn begin(&self) {
        self.0.lock().expect("nothing panics with it").0 = Some(Instant::now());
    }

    fn end(&self) {
        let mut watch = self.0.lock().expect("nothing panics with it");
        if let Some(start) = watch.0.take() {
            watch.1 = start.elapsed();
        }
    }
}
