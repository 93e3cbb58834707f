// Seed 2882.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{prelude::*, JoinError, yield_now};

pub(crate) async fn program<R: Runtime>(rt: R) {
    ENDED.store(0, Ordering::SeqCst);
    let alive_1 = Arc::new(());
    let mut task_1 = rt.spawn(Holding(alive_1.clone(), Box::pin({
        let rt = rt.clone();
        async move {
            rt.spawn_detached(async move {
                std::future::pending::<u32>().await
            });
            std::future::pending::<u32>().await
        }
    })));
    assert!(rt.timeout(Duration::from_millis(1), std::future::pending::<()>()).await.is_err());
    let alive_3 = Arc::new(());
    let task_3 = rt.spawn(Holding(alive_3.clone(), Box::pin({
        let rt = rt.clone();
        async move {
            let task_4 = rt.spawn_blocking(move || {
                4_u32
            });
            assert!(rt.timeout(Duration::from_secs(3600), rt.sleep(Duration::from_millis(1))).await.is_ok());
            let alive_5 = Arc::new(());
            let mut task_5 = rt.spawn(Holding(alive_5.clone(), Box::pin(async move {
                5_u32
            })));
            let alive_6 = Arc::new(());
            let task_6 = rt.spawn(Holding(alive_6.clone(), Box::pin(async move {
                std::future::pending::<u32>().await
            })));
            yield_now().await;
            let alive_7 = Arc::new(());
            let mut task_7 = rt.spawn(Holding(alive_7.clone(), Box::pin({
                let rt = rt.clone();
                async move {
                    _ = rt.timeout(Duration::from_millis(2), rt.sleep(Duration::from_millis(4))).await; // either is right
                    let alive_8 = Arc::new(());
                    let task_8 = rt.spawn(Holding(alive_8.clone(), Box::pin(async move {
                        8_u32
                    })));
                    assert!(matches!(seen(task_8.cancel().await), Seen::Value(8) | Seen::Cancelled));
                    assert_eq!(Arc::strong_count(&alive_8), 1);
                    std::future::pending::<u32>().await
                }
            })));
            task_7.abort();
            assert_eq!(seen(task_7.await), Seen::Cancelled);
            assert_eq!(Arc::strong_count(&alive_7), 1);
            yield_now().await;
            assert_eq!(seen(task_6.cancel().await), Seen::Cancelled);
            assert_eq!(Arc::strong_count(&alive_6), 1);
            while !task_5.is_finished() {
                yield_now().await;
            }
            let Poll::Ready(end) = once(&mut task_5).await else {
                panic!("it was finished and not ready to be joined");
            };
            assert_eq!(seen(end), Seen::Value(5));
            assert_eq!(Arc::strong_count(&alive_5), 1);
            let task_9 = rt.spawn_blocking(move || {
                std::thread::sleep(Duration::from_millis(2));
                ENDED.fetch_add(1, Ordering::SeqCst);
                9_u32
            });
            task_9.detach();
            assert!(matches!(rt.timeout(Duration::from_millis(3), task_4).await.map_or(Seen::Elapsed, seen), Seen::Value(4) | Seen::Elapsed));
            ticks(&rt, 2, 2).await;
            _ = rt.timeout(Duration::from_millis(4), rt.sleep(Duration::from_millis(3))).await; // either is right
            3_u32
        }
    })));
    rt.spawn_detached(async move {
        std::future::pending::<u32>().await
    });
    assert!(matches!(rt.timeout(Duration::from_millis(2), task_3).await.map_or(Seen::Elapsed, seen), Seen::Value(3) | Seen::Elapsed));
    task_1.abort();
    assert_eq!(seen(task_1.await), Seen::Cancelled);
    assert_eq!(Arc::strong_count(&alive_1), 1);
    ticks(&rt, 2, 1).await;
    let task_11 = rt.spawn_blocking(move || {
        throw(11)
    });
    let task_12 = rt.spawn({
        let rt = rt.clone();
        async move {
            sleep(&rt, 0).await;
            assert!(rt.timeout(Duration::from_millis(4), std::future::pending::<()>()).await.is_err());
            std::future::pending::<u32>().await
        }
    }).abort_on_drop();
    drop(task_12);
    let alive_13 = Arc::new(());
    let mut task_13 = rt.spawn(Holding(alive_13.clone(), Box::pin(async move {
        yield_now().await;
        std::future::pending::<u32>().await
    })));
    task_13.abort();
    assert_eq!(seen(task_13.await), Seen::Cancelled);
    assert_eq!(Arc::strong_count(&alive_13), 1);
    assert_eq!(rt.timeout(Duration::from_secs(3600), task_11).await.map_or(Seen::Elapsed, seen), Seen::Panic(Some(11)));
    ended(&rt, 1).await;
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

/// How many of the tasks that nobody awaits have come to their end.
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// Waits until `all` of them have.
async fn ended<R: Timer>(rt: &R, all: usize) {
    let late = rt.now() + Duration::from_secs(10);
    while ENDED.load(Ordering::SeqCst) < all {
        assert!(rt.now() < late, "a task that nobody awaits never came to its end");
        yield_now().await;
    }
}

/// Ends a task by a panic.
fn throw(payload: u32) -> u32 {
    std::panic::panic_any(payload)
}

/// Polls `future` once.
async fn once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut future).poll(cx))).await
}

/// A task's future, and a value that is dropped with it.
struct Holding<F>(#[allow(dead_code, reason = "its drop is what counts")] Arc<()>, Pin<Box<F>>);

impl<F: Future> Future for Holding<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.1.as_mut().poll(cx)
    }
}
