//! Trying again, and the pauses between.

use std::future::ready;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_core::yield_now;

use crate::kit::{Count, Holding, poll_once};
use crate::pieces::OnRuntime as _;
use crate::pieces::Pauses;
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

/// Four attempts, with pauses of 4, 8 and 16 ms.
const FOUR: Pauses = Pauses {
    first: Duration::from_millis(4),
    max: Duration::MAX,
    attempts: 4,
    jitter: None,
};

rules! { retry

/// A success on attempt `k` makes `k` calls and waits for the pauses between them; a failure for good makes all of them.
///
/// Intent: five attempts are five calls, and a server that asks for a pause of a second gets it.
///
/// If this fails, check how `Retry` goes from an attempt to a pause, and `sleep::never_early`.
Must fn calls_and_waits_are_exact(rt: Any) {
    for succeeds_at in 1..=6 {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (log, handle) = (calls.clone(), rt.handle());
        let attempt = move || {
            let mut log = log.lock().expect("no panic");
            log.push(handle.now());
            ready(if log.len() < succeeds_at { Err(log.len()) } else { Ok(log.len()) })
        };
        let result = rt.block_on(rt.structured().retry(FOUR, attempt, |_| true));
        let calls = calls.lock().expect("no panic").clone();
        let expected = if succeeds_at <= 4 { Ok(succeeds_at) } else { Err(4) };
        assert_eq!(result, expected, "what came of four attempts of which number {succeeds_at} would succeed");
        assert_eq!(calls.len(), succeeds_at.min(4), "calls of an attempt that succeeds at number {succeeds_at}");
        for (pair, pause) in calls.windows(2).zip([4 * MS, 8 * MS, 16 * MS]) {
            assert!(pair[1] - pair[0] >= pause, "a pause of {pause:?} took {:?}", pair[1] - pair[0]);
        }
    }
}

/// The future of a failed attempt has been dropped when its pause begins.
///
/// Intent: nobody keeps a broken connection open for the length of a pause.
///
/// If this fails, check what `Retry` holds while it sleeps.
Must fn drops_the_attempt_before_the_pause(rt: Any) {
    let (calls, drops) = (Count::new(), Count::new());
    let (called, guards) = (calls.clone(), drops.clone());
    let attempt = move || {
        called.add();
        Holding::new(guards.guard(), async {
            yield_now().await;
            Err::<(), _>("refused")
        })
    };
    let pauses = Pauses { first: Duration::from_secs(3600), ..FOUR };
    rt.block_on(async {
        let mut retry = pin!(rt.structured().retry(pauses, attempt, |_| true));
        for _ in 0..5 {
            assert!(poll_once(retry.as_mut()).await.is_pending(), "the first pause takes an hour");
            yield_now().await;
        }
        assert_eq!((calls.get(), drops.get()), (1, 1), "attempts that were made, and dropped, when the pause had begun");
    });
}

/// An error that another attempt does not mend ends the attempts at once.
///
/// Intent: "permission denied" stays so, however often one asks.
///
/// If this fails, check where `Retry` asks its predicate.
Must fn gives_up_when_told(rt: Any) {
    let calls = Count::new();
    let called = calls.clone();
    let attempt = move || {
        let error = if called.add() == 0 { "refused" } else { "denied" };
        ready(Err::<(), _>(error))
    };
    let pauses = Pauses { first: MS, ..FOUR };
    let result = rt.block_on(rt.structured().retry(pauses, attempt, |&error| error != "denied"));
    assert_eq!((result, calls.get()), (Err("denied"), 2), "the error for good, and attempts up to it");
}

/// Without jitter each pause is twice the one before, up to the limit, and never overflows.
///
/// Intent: the tenth pause is not a day, and the hundredth no panic.
///
/// If this fails, check the arithmetic of `Delays`.
Must fn pauses_grow_to_the_limit(rt: Any) {
    let pauses = Pauses { first: 100 * MS, max: 500 * MS, attempts: 6, jitter: None };
    let delays = rt.block_on(async { rt.structured().delays(pauses) });
    assert_eq!(delays, [100, 200, 400, 500, 500].map(|ms| ms * MS), "the five pauses between six attempts");
    let short = Pauses { max: 30 * MS, attempts: 3, ..pauses };
    assert_eq!(rt.structured().delays(short), [30 * MS; 2], "pauses of which also the first is longer than the limit");
    let endless = Pauses { max: Duration::MAX, attempts: 200, ..pauses };
    let delays = rt.structured().delays(endless);
    assert!(delays.is_sorted() && delays.last() == Some(&Duration::MAX), "the last of 199 pauses was {:?}", delays.last());
}

/// Jitter makes a pause shorter, by at most its fraction, and never longer.
///
/// Intent: clients that failed together retry at different times, and no pause exceeds the limit.
///
/// If this fails, check by what `Delays` multiplies.
Must fn jitter_only_shortens(rt: Any) {
    let pauses = Pauses { first: 100 * MS, max: 10_000 * MS, attempts: 200, jitter: None };
    let plain = rt.structured().delays(pauses);
    let mut seen = Vec::new();
    for seed in 0..20 {
        let jittered = rt.structured().delays(Pauses { jitter: Some((0.5, seed)), ..pauses });
        assert_eq!(jittered.len(), plain.len(), "pauses with jitter, and without");
        for (jittered, plain) in jittered.iter().zip(&plain) {
            assert!((*plain / 2..=*plain).contains(jittered), "a pause of {plain:?} became {jittered:?} with a jitter of a half");
        }
        seen.extend(jittered.last().copied());
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 10, "20 seeds gave {} different last pauses", seen.len());
}

/// The same seed gives the same pauses, and another seed others.
///
/// Intent: a test that failed can be run again, and two clients do not retry in step.
///
/// If this fails, check where `Delays` takes its numbers from.
Must fn is_deterministic_under_a_seed(rt: Any) {
    let pauses = |seed| Pauses { attempts: 50, max: 100 * MS, jitter: Some((1.0, seed)), ..FOUR };
    let [first, again, other] = [1, 1, 2].map(|seed| rt.structured().delays(pauses(seed)));
    assert_eq!(first, again, "the pauses of one seed, twice");
    assert_ne!(first, other, "the pauses of two seeds");
}

}
