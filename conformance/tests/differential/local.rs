// Seed 19.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{prelude::*, JoinError, yield_now};

pub(crate) async fn program<R: LocalRuntime>(rt: R) {
    yield_now().await;
    _ = rt.timeout(Duration::ZERO, rt.sleep(Duration::from_millis(4))).await; // either is right
    let alive_1 = Arc::new(());
    let task_1 = rt.spawn_local(Holding(alive_1.clone(), Box::pin(async move {
        1_u32
    })));
    let alive_2 = Arc::new(());
    let task_2 = rt.spawn_local(Holding(alive_2.clone(), Box::pin({
        let rt = rt.clone();
        async move {
            assert!(rt.timeout(Duration::from_millis(3), std::future::pending::<()>()).await.is_err());
            2_u32
        }
    })));
    yield_now().await;
    let task_3 = rt.spawn_local({
        let rt = rt.clone();
        async move {
            let alive_4 = Arc::new(());
            let mut task_4 = rt.spawn_local(Holding(alive_4.clone(), Box::pin({
                let rt = rt.clone();
                async move {
                    let task_5 = rt.spawn_blocking(move || {
                        std::thread::sleep(Duration::from_millis(3));
                        5_u32
                    });
                    task_5.detach();
                    yield_now().await;
                    let alive_6 = Arc::new(());
                    let mut task_6 = rt.spawn_local(Holding(alive_6.clone(), Box::pin(async move {
                        6_u32
                    })));
                    let alive_7 = Arc::new(());
                    let task_7 = rt.spawn_local(Holding(alive_7.clone(), Box::pin({
                        let rt = rt.clone();
                        async move {
                            yield_now().await;
                            ticks(&rt, 2, 3).await;
                            throw(7)
                        }
                    })));
                    let alive_8 = Arc::new(());
                    let task_8 = rt.spawn_local(Holding(alive_8.clone(), Box::pin({
                        let rt = rt.clone();
                        async move {
                            _ = rt.timeout(Duration::from_millis(1), rt.sleep(Duration::from_millis(1))).await; // either is right
                            sleep(&rt, 1).await;
                            std::future::pending::<u32>().await
                        }
                    })));
                    ticks(&rt, 1, 2).await;
                    assert!(rt.timeout(Duration::from_millis(3), rt.sleep(Duration::ZERO)).await.is_ok());
                    assert_eq!(rt.timeout(Duration::from_millis(4), task_8).await.map_or(Seen::Elapsed, seen), Seen::Elapsed);
                    let alive_9 = Arc::new(());
                    let task_9 = rt.spawn_local(Holding(alive_9.clone(), Box::pin({
                        let rt = rt.clone();
                        async move {
                            rt.spawn_local_detached(async move {
                                10_u32
                            });
                            throw(9)
                        }
                    })));
                    assert!(matches!(seen(task_9.cancel().await), Seen::Panic(Some(9)) | Seen::Cancelled));
                    assert_eq!(Arc::strong_count(&alive_9), 1);
                    assert_eq!(seen(task_7.await), Seen::Panic(Some(7)));
                    assert_eq!(Arc::strong_count(&alive_7), 1);
                    task_6.abort();
                    assert!(matches!(seen(task_6.await), Seen::Value(6) | Seen::Cancelled));
                    assert_eq!(Arc::strong_count(&alive_6), 1);
                    throw(4)
                }
            })));
            task_4.abort_handle().abort();
            assert!(matches!(seen(task_4.await), Seen::Panic(Some(4)) | Seen::Cancelled));
            assert_eq!(Arc::strong_count(&alive_4), 1);
            std::future::pending::<u32>().await
        }
    }).abort_on_drop();
    drop(task_3);
    assert_eq!(rt.timeout(Duration::from_secs(3600), task_2).await.map_or(Seen::Elapsed, seen), Seen::Value(2));
    assert_eq!(Arc::strong_count(&alive_2), 1);
    assert_eq!(rt.timeout(Duration::from_secs(3600), task_1).await.map_or(Seen::Elapsed, seen), Seen::Value(1));
    assert_eq!(Arc::strong_count(&alive_1), 1);
}

/// What awaiting a handle gave.
#[derive(Debug, PartialEq)]
#[allow(dead_code, reason = "few programs see everything")]
enum Seen {
    Value(u32),
    Panic(Option<u32>),
    Cancelled,
    Elapsed,
}

fn seen(end: Result<u32, JoinError>) -> Seen {
    match end {
        Ok(value) => Seen::Value(value),
        Err(error) if error.is_cancelled() => Seen::Cancelled,
        Err(error) => Seen::Panic(error.into_panic().downcast_ref().copied()),
    }
}

/// Sleeps, and not less than it should.
async fn sleep<R: Timer>(rt: &R, millis: u64) {
    let due = rt.now() + Duration::from_millis(millis);
    rt.sleep(Duration::from_millis(millis)).await;
    assert!(rt.now() >= due, "a sleep was early");
}

/// Awaits ticks of an interval, none of which is early.
async fn ticks<R: Timer + Clone>(rt: &R, period: u64, ticks: u32) {
    let (start, period) = (rt.now(), Duration::from_millis(period));
    let mut interval = std::pin::pin!(rt.interval_at(start, period));
    for tick in 0..ticks {
        assert_eq!(interval.as_mut().tick().await, start + period * tick);
        assert!(rt.now() >= start + period * tick, "a tick was early");
    }
}

/// Ends a task by a panic.
fn throw(payload: u32) -> u32 {
    std::panic::panic_any(payload)
}

/// A task's future, and a value that is dropped with it.
struct Holding<F>(#[allow(dead_code, reason = "its drop is what counts")] Arc<()>, Pin<Box<F>>);

impl<F: Future> Future for Holding<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.1.as_mut().poll(cx)
    }
}
