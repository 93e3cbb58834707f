//! The first of two futures.

use std::future::{pending, ready};
use std::pin::pin;
use std::time::Duration;

use anyrt_core::yield_now;
use anyrt_structured::Either;

use crate::kit::{Count, Gate, Holding, counted, poll_once};
use crate::pieces::OnRuntime as _;
use anyrt_conformance_engine::rules;

const HOUR: Duration = Duration::from_secs(3600);

/// Which side a seed lets win where both are ready.
macro_rules! winners {
    ($rt:ident) => {
        async {
            let mut winners = Vec::new();
            for seed in 0..200 {
                let first = $rt
                    .structured()
                    .seeded_select(ready(()), ready(()), seed)
                    .await;
                winners.push(matches!(first, Either::Left(())));
            }
            winners
        }
    };
}

rules! { select

/// When a select is ready both of its futures have been dropped.
///
/// Intent: the next line may use again what the loser held: the socket, the lock, the borrow.
///
/// If this fails, check what `Select` does before it returns.
Must fn drops_the_loser_first(rt: Any) {
    for left_wins in [true, false] {
        let (drops, go) = (Count::new(), Gate::new());
        let wait = go.wait();
        let winner = rt.spawn(async move {
            wait.await;
            "winner"
        });
        let winner = Holding::new(drops.guard(), winner);
        let loser = Holding::new(drops.guard(), rt.sleep(HOUR));
        let dropped = rt.block_on(async {
            yield_now().await;
            go.open();
            if left_wins {
                let mut both = pin!(rt.structured().select(winner, loser));
                let Either::Left(ended) = both.as_mut().await else {
                    panic!("a sleep of an hour was ready");
                };
                assert_eq!(ended.expect("the task ends"), "winner");
                drops.get()
            } else {
                let mut both = pin!(rt.structured().select(loser, winner));
                let Either::Right(ended) = both.as_mut().await else {
                    panic!("a sleep of an hour was ready");
                };
                assert_eq!(ended.expect("the task ends"), "winner");
                drops.get()
            }
        });
        assert_eq!(dropped, 2, "futures dropped when the select is ready (the left one wins: {left_wins})");
    }
}

/// Where both are ready the left one wins, and the right one is not polled.
///
/// Intent: "stop" goes before "go on", if it is on the left.
///
/// If this fails, check in which order `Select` polls.
Must fn biased_takes_the_left(rt: Any) {
    let polls = Count::new();
    let select = rt.structured();
    rt.block_on(async {
        for _ in 0..50 {
            let right = counted(&polls, ready("right"));
            let first = select.select(ready("left"), right).await;
            assert_eq!(first, Either::Left("left"), "both were ready");
        }
        assert_eq!(polls.get(), 0, "polls of the right ones");
        assert_eq!(select.select(pending::<()>(), ready("right")).await, Either::Right("right"), "only this one was ready");
        let mut neither = select.select(pending::<()>(), pending::<()>());
        assert!(poll_once(pin!(&mut neither)).await.is_pending(), "neither was ready");
    });
}

/// With a seed either side wins now and then, and the same one with the same seed.
///
/// Intent: each side gets its turn, and a test that failed can be run again.
///
/// If this fails, check what `Select::seeded` seeds.
Must fn seeded_order_repeats(rt: Any) {
    let first = rt.block_on(winners!(rt));
    let again = rt.block_on(winners!(rt));
    let left = first.iter().filter(|&&left| left).count();
    assert!((40..=160).contains(&left), "the left one won {left} times of 200");
    let differ = first.iter().zip(&again).filter(|(one, other)| one != other).count();
    assert_eq!(differ, 0, "seeds of 200 that let another side win the second time");
}

}
