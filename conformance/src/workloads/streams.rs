//! Work that flows: stages, fan-out, publishers.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};

use crate::kit::{Count, Holding, scaled};
use anyrt_conformance_engine::rules;

fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

/// FNV-1a over the numbers: depends on their order.
fn hash(numbers: impl IntoIterator<Item = u64>) -> u64 {
    let step = |hash: u64, number: u64| (hash ^ number).wrapping_mul(0x0100_0000_01b3);
    numbers.into_iter().fold(0xcbf2_9ce4_8422_2325, step)
}

rules! { workload

/// A pipeline of a source and three stages over bounded channels keeps every item, and no channel exceeds its bound.
///
/// Intent: back-pressure is what keeps a fast reader from filling the heap for a slow writer.
///
/// If this fails, run the family `wake`: a stage was not woken, or was woken for nothing.
Must fn pipeline(rt: Any) {
    const BOUND: usize = 16;
    let n = scaled(20_000) as u64;
    let (depth, deepest) = (Arc::new(AtomicIsize::new(0)), Arc::new(AtomicIsize::new(0)));
    // Such a channel takes one more than its buffer for each sender.
    let (mut source, mut doubling) = mpsc::channel(BOUND - 1);
    let (mut doubled, mut filtering) = mpsc::channel(BOUND - 1);
    let (mut filtered, mut summing) = mpsc::channel(BOUND - 1);
    let (waiting, most) = (depth.clone(), deepest.clone());
    let reader = rt.spawn(async move {
        for x in 0..n {
            source.send(x).await.expect("the next stage listens");
            most.fetch_max(waiting.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        }
    });
    let doubler = rt.spawn(async move {
        while let Some(x) = doubling.next().await {
            depth.fetch_sub(1, Ordering::SeqCst);
            doubled.send(2 * x).await.expect("the next stage listens");
        }
    });
    let filter = rt.spawn(async move {
        while let Some(x) = filtering.next().await {
            if x % 3 != 0 {
                filtered.send(x).await.expect("the next stage listens");
            }
        }
    });
    let sum = rt.spawn(async move {
        let (mut count, mut sum) = (0, 0);
        while let Some(x) = summing.next().await {
            count += 1;
            sum += x;
        }
        (count, sum)
    });
    rt.block_on(async {
        for stage in [reader, doubler, filter] {
            stage.await.expect("the stage ends");
        }
        let kept = (0..n).filter(|x| x % 3 != 0).fold((0, 0), |(count, sum), x| (count + 1, sum + 2 * x));
        assert_eq!(sum.await.expect("the last stage ends"), kept);
    });
    // The bound, and one that was taken and not yet counted so.
    let deepest = deepest.load(Ordering::SeqCst);
    assert!(deepest <= BOUND as isize + 1, "{deepest} items in a channel for {BOUND}");
}

/// Thousands of tasks compute, and their results are collected in the order of spawning.
///
/// Intent: programs spread work over tasks and collect the results.
///
/// If this fails, run the families `spawn` and `join`: outputs were mixed up.
Must fn fan_out(rt: Any) {
    let n = scaled(5_000) as u64;
    let tasks: Vec<_> = (0..n).map(|i| rt.spawn(async move { fib(i % 16) ^ i })).collect();
    let results = rt.block_on(async {
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.expect("the task ends"));
        }
        results
    });
    assert_eq!(hash(results), hash((0..n).map(|i| fib(i % 16) ^ i)));
}

/// Of a hundred subscribers to one publisher, those who stay get every message in order, and those who leave a prefix.
///
/// Intent: chats, market data and cache invalidations work like this.
///
/// If this fails, run the family `wake`.
Must fn publish_and_subscribe(rt: Any) {
    let n = scaled(200) as u64;
    let (leave, ended) = (n / 2, Count::new());
    let mut senders = Vec::new();
    let subscribers: Vec<_> = (0..100).map(|i| {
        let (sender, mut receiver) = mpsc::unbounded();
        senders.push(sender);
        let subscriber = async move {
            let mut got = Vec::new();
            while let Some(message) = receiver.next().await {
                got.push(message);
                if i % 10 == 0 && got.len() as u64 == leave {
                    break;
                }
            }
            got
        };
        rt.spawn(Holding::new(ended.guard(), subscriber))
    }).collect();
    let publisher = rt.spawn(async move {
        for message in 0..n {
            senders.retain(|sender| sender.unbounded_send(message).is_ok());
            anyrt_core::yield_now().await;
        }
    });
    rt.block_on(async {
        publisher.await.expect("the publisher ends");
        for (i, subscriber) in subscribers.into_iter().enumerate() {
            let got = subscriber.await.expect("the subscriber ends");
            let all = if i % 10 == 0 && leave > 0 { leave } else { n };
            assert!(got.iter().copied().eq(0..all), "subscriber {i} got {} messages, or not in order", got.len());
        }
    });
    assert_eq!(ended.get(), 100, "subscribers that were dropped");
}

}
