use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::{Random, WakeCount, now, spin_until};

/// How long a duel takes at the most, on a machine that has other things to do: the tries that are left are left out.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// Runs `mine` on this thread and `other` on another one, at most `rounds` times, each time as nearly at once as can be had.
///
/// Both get the number of the round. `after` runs on this thread when both are through. For gaps between two steps that are a
/// few instructions wide: the two are put off by a random bit, so that sooner or later the one falls into the gap of the other.
pub fn duel(
    rounds: usize,
    mut mine: impl FnMut(usize),
    mut other: impl FnMut(usize) + Send,
    mut after: impl FnMut(usize),
) {
    let [begun, there, fought, ended] = &[const { AtomicUsize::new(0) }; 4];
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random::new(1);
            for round in 1..=rounds {
                // The number after the last says that there is none any more.
                if await_round(begun, round) > rounds {
                    return;
                }
                there.store(round, Ordering::SeqCst);
                if await_round(fought, round) > rounds {
                    return;
                }
                delay(&mut random);
                other(round - 1);
                ended.store(round, Ordering::SeqCst);
            }
        });
        // The other thread ends also if this one panics, or has had enough.
        let _end = super::OnDrop(|| {
            begun.store(rounds + 1, Ordering::SeqCst);
            fought.store(rounds + 1, Ordering::SeqCst);
        });
        let mut random = Random::new(2);
        let start = now();
        for round in (1..=rounds).take_while(|_| now().duration_since(start) < LONG_ENOUGH) {
            begun.store(round, Ordering::SeqCst);
            // On a busy machine it may not run just now, and there would be nobody to duel with.
            await_round(there, round);
            fought.store(round, Ordering::SeqCst);
            delay(&mut random);
            mine(round - 1);
            await_round(ended, round);
            after(round - 1);
        }
    });
}

/// Returns when a waker of `count`, with which another thread polls just now, has been cloned; or soon, if it is not.
///
/// To be called first in a [duel]: a future that registers itself clones the waker between its look and its registration, and
/// what follows this call falls into that gap.
pub fn once_cloned(count: &Arc<WakeCount>) {
    for _ in 0..2_000 {
        // Its owner's, the one of the poll, and the clone.
        if Arc::strong_count(count) >= 3 {
            return;
        }
        std::hint::spin_loop();
    }
}

fn delay(random: &mut Random) {
    for _ in 0..random.below(40) {
        std::hint::spin_loop();
    }
}

/// Waits until the number has come to `least`, and returns what it is then.
fn await_round(number: &AtomicUsize, least: usize) -> usize {
    spin_until(|| number.load(Ordering::SeqCst) >= least);
    number.load(Ordering::SeqCst)
}
