//! The first of many futures.

use std::future::{Future, pending, ready};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use crate::kit::{Count, Holding, counted, poll_once};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

const HOUR: Duration = Duration::from_secs(3600);

/// A future of which many different ones make a list.
type Any = Pin<Box<dyn Future<Output = usize>>>;

/// Yields `i` when `future` is ready.
async fn after(future: impl Future<Output = ()>, i: usize) -> usize {
    future.await;
    i
}

/// Which of eight ready futures each seed lets win.
macro_rules! winners {
    ($rt:ident) => {
        async {
            let mut winners = Vec::new();
            for seed in 0..200 {
                let all = (0..8).map(ready).collect();
                winners.push($rt.structured().seeded_race(all, seed).await);
            }
            winners
        }
    };
}

rules! { race

/// When a race is ready all of its futures have been dropped.
///
/// Intent: requests to the slower mirrors are over when the fastest has answered.
///
/// If this fails, check what `Race` does before it returns.
Must fn drops_the_losers_first(rt: Any) {
    let drops = Count::new();
    let mut all: Vec<Any> = Vec::new();
    for i in 0..10 {
        let (guard, sleep) = (drops.guard(), rt.sleep(HOUR));
        let task = rt.spawn(async move { i });
        all.push(Box::pin(Holding::new(guard, async move {
            if i != 5 {
                sleep.await;
            }
            task.await.expect("the task ends")
        })));
    }
    let (winner, dropped) = rt.block_on(async {
        let mut race = pin!(rt.structured().race(all));
        let winner = race.as_mut().await;
        (winner, drops.get())
    });
    assert_eq!((winner, dropped), (5, 10), "who won, and futures dropped when the race was over");
}

/// The first one given wins among those that are ready, and those behind it are not polled.
///
/// Intent: callers name the futures in their order of preference.
///
/// If this fails, check in which order `Race` polls.
Must fn biased_takes_the_first(rt: Any) {
    let polls = Count::new();
    rt.block_on(async {
        for first in 0..8 {
            let all = (0..8).map(|i| -> Any {
                match i {
                    _ if i < first => Box::pin(after(rt.sleep(HOUR), i)),
                    _ if i == first => Box::pin(ready(i)),
                    _ => Box::pin(counted(&polls, ready(i))),
                }
            }).collect();
            assert_eq!(rt.structured().race(all).await, first, "the first of those that are ready");
        }
    });
    assert_eq!(polls.get(), 0, "polls of those behind the winners");
}

/// With a seed each wins now and then, and the same one with the same seed.
///
/// Intent: each side gets its turn, and a test that failed can be run again.
///
/// If this fails, check what `Race::seeded` seeds.
Must fn seeded_order_repeats(rt: Any) {
    let first = rt.block_on(winners!(rt));
    let again = rt.block_on(winners!(rt));
    for i in 0..8 {
        let won = first.iter().filter(|&&winner| winner == i).count();
        assert!((5..=75).contains(&won), "number {i} of 8 won {won} times of 200");
    }
    let differ = first.iter().zip(&again).filter(|(one, other)| one != other).count();
    assert_eq!(differ, 0, "seeds of 200 that let another one win the second time");
    // Wherever it begins, it asks all of them.
    for seed in 0..20 {
        let all = (0..4).map(|i| -> Any { if i == 1 { Box::pin(ready(i)) } else { Box::pin(pending()) } }).collect();
        let race = rt.block_on(poll_once(Box::pin(rt.structured().seeded_race(all, seed))));
        assert_eq!(race, Poll::Ready(1), "one of four is ready (seed {seed})");
    }
}

}
