//! Work in which time counts: retries, limits, tickers, flushes.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyrt_core::MissedTick;
use futures::channel::mpsc;
use futures::future::{Either, select};
use futures::{SinkExt, StreamExt};

use crate::kit::{Count, Holding, scaled, step, yield_until};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

rules! { workload

/// A call that fails k times is made exactly k + 1 times, with pauses that double.
///
/// Intent: clients of network services retry.
///
/// If this fails, run the family `sleep`.
Must fn retry_with_backoff(rt: Any) {
    let clients: Vec<_> = (0..12_u32).map(|client| {
        let handle = rt.handle();
        rt.spawn(async move {
            let (fails, mut calls, mut pause) = (client % 6, 0, MS);
            loop {
                calls += 1;
                if calls > fails {
                    break;
                }
                let start = handle.now();
                handle.sleep(pause).await;
                let took = handle.now() - start;
                assert!(took >= pause, "a pause took {took:?}, and must take {pause:?}");
                pause *= 2;
            }
            assert_eq!(calls, fails + 1);
        })
    }).collect();
    for client in clients {
        rt.block_on(client).unwrap_or_else(|error| error.resume_unwind());
    }
}

/// A token bucket of 1000 a second with a burst of ten lets none of sixty requests through early, and loses none.
///
/// Intent: servers limit the clients that retry.
///
/// If this fails, run the family `sleep`.
Must fn rate_limiter(rt: Any) {
    let handle = rt.handle();
    let start = handle.now();
    let requests: Vec<_> = (0..60_u32).map(|i| {
        let handle = handle.clone();
        rt.spawn(async move {
            let due = start + i.saturating_sub(10) * MS;
            handle.sleep_until(due).await;
            handle.now() >= due
        })
    }).collect();
    rt.block_on(async {
        for request in requests {
            assert!(request.await.expect("the request ends"), "a request went through early");
        }
    });
}

/// A progress line beside a download ticks at least once and never too often, and stops with it.
///
/// Intent: a ticker that outlives its download writes over the next line.
///
/// If this fails, run the families `interval` and `abort`.
Must fn progress(rt: Any) {
    let (handle, ticks) = (rt.handle(), Count::new());
    let period = 2 * MS;
    step("the download ends, and its progress line stops");
    rt.block_on(async {
        let start = handle.now();
        let (ticking, mut interval) = (ticks.clone(), handle.interval(period, MissedTick::Skip));
        let ticker = handle.spawn(async move {
            loop {
                poll_fn(|cx| interval.as_mut().poll_tick(cx)).await;
                ticking.add();
            }
        });
        let (mut bytes, sleeper) = (0, handle.clone());
        let download = handle.spawn(async move {
            for chunk in 0..64_u64 {
                sleeper.sleep(Duration::from_micros(500)).await;
                bytes += chunk;
            }
            bytes
        });
        assert_eq!(download.await.expect("the download ends"), 63 * 32);
        // A thread that has taken the ticker may wait for a processor until now.
        yield_until("the progress line ticks", || ticks.get() > 0).await;
        assert!(ticker.cancel().await.is_err_and(|error| error.is_cancelled()), "a ticker never ends");
        let (seen, took) = (ticks.get(), handle.now() - start);
        let most = (took.as_micros() / period.as_micros()) as usize + 1;
        assert!((1..=most).contains(&seen), "{seen} ticks in {took:?} with a period of {period:?}");
        handle.sleep(3 * period).await;
        assert_eq!(ticks.get(), seen, "a tick after the ticker was cancelled");
    });
}

/// Of requests under a time limit, those that are fast are answered, those that are not are given up, and every server task is
/// gone.
///
/// Intent: time limits exist to free what waits.
///
/// If this fails, run the families `timeout` and `abort`.
Must fn time_limits(rt: Any) {
    let n = scaled(400) as u32;
    let (handle, drops) = (rt.handle(), Count::new());
    let requests: Vec<_> = (0..n).map(|i| {
        let (inner, guard) = (handle.clone(), drops.guard());
        let (service, limit) = match i % 2 {
            0 => (i % 20 * MS, Duration::from_secs(20)),
            _ => (Duration::from_secs(3600), i % 20 * MS),
        };
        handle.spawn(async move {
            let sleep = inner.sleep(service);
            let server = inner.spawn(Holding::new(guard, async move {
                sleep.await;
                i
            }));
            inner.timeout(limit, server.abort_on_drop()).await.map(|end| end.expect("the server ends"))
        })
    }).collect();
    step("each request ends or meets its limit");
    rt.block_on(async {
        for (i, request) in requests.into_iter().enumerate() {
            let answer = request.await.expect("the request ends");
            let expected = (i % 2 == 0).then_some(i as u32);
            assert_eq!(answer, expected, "the answer to request {i}");
        }
        // An aborted server is dropped at its next turn.
        while drops.get() < n as usize {
            anyrt_core::yield_now().await;
        }
    });
}

/// Records are flushed in batches, by number or by time, each once and in order, and the rest before the shutdown returns.
///
/// Intent: logs, metrics and write-behind caches work like this.
///
/// If this fails, run the families `interval` and `wake`.
Must fn periodic_flush(rt: Any) {
    const BATCH: usize = 128;
    let n = scaled(5_000);
    let flushed: Arc<Mutex<Vec<Vec<usize>>>> = Arc::default();
    let (mut sender, mut records) = mpsc::channel::<usize>(32);
    let (out, mut interval) = (flushed.clone(), rt.interval(2 * MS, MissedTick::Delay));
    let flusher = rt.spawn(async move {
        let flush = |batch: &mut Vec<usize>| {
            if !batch.is_empty() {
                out.lock().expect("no panic").push(std::mem::take(batch));
            }
        };
        let mut batch = Vec::new();
        loop {
            let tick = pin!(poll_fn(|cx| interval.as_mut().poll_tick(cx)));
            match select(records.next(), tick).await {
                Either::Left((Some(record), _)) => {
                    batch.push(record);
                    if batch.len() == BATCH {
                        flush(&mut batch);
                    }
                }
                Either::Left((None, _)) => break,
                Either::Right(_) => flush(&mut batch),
            }
        }
        flush(&mut batch);
    });
    let handle = rt.handle();
    let producer = rt.spawn(async move {
        for record in 0..n {
            sender.send(record).await.expect("the flusher listens");
            if record % 1000 == 500 {
                handle.sleep(5 * MS).await;
            }
        }
    });
    rt.block_on(async {
        producer.await.expect("the producer ends");
        flusher.await.expect("the flusher ends");
    });
    let flushed = flushed.lock().expect("no panic");
    assert!(flushed.iter().all(|batch| (1..=BATCH).contains(&batch.len())), "a batch of another size");
    assert!(flushed.concat().into_iter().eq(0..n), "records were lost, doubled or moved");
}

}
