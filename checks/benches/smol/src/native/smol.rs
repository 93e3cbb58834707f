use std::future::{Future, pending};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, panic_any};
use std::time::Instant;

use smol::Timer;
use smol::future::FutureExt;
use smol::stream::StreamExt;

use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{
    FAR, HEAD_START, PAYLOAD, PERIOD, Work, YieldOnce, count_one, poll_once, restart_count,
    until_ran,
};

/// smol by its free functions, on its global executor.
#[derive(Clone, Copy, Debug)]
pub struct Smol;

impl Work for Smol {
    async fn spawn_join(&self, times: usize) {
        for i in 0..times {
            black_box(smol::spawn(async move { i }).await);
        }
    }

    async fn batch(&self, times: usize) {
        let mut tasks = Vec::with_capacity(BATCH);
        for _ in 0..times / BATCH {
            for i in 0..BATCH {
                tasks.push(smol::spawn(async move { i }));
            }
            for task in tasks.drain(..) {
                black_box(task.await);
            }
        }
    }

    async fn detach(&self, times: usize) {
        restart_count();
        for round in 1..=times / BATCH {
            for _ in 0..BATCH {
                smol::spawn(count_one()).detach();
            }
            until_ran(round * BATCH).await;
        }
    }

    async fn sleep_made(&self, times: usize) {
        sleep_made(times);
    }

    async fn sleep_polled(&self, times: usize) {
        sleep_polled(times).await;
    }

    async fn timeout_ready(&self, times: usize) {
        timeout_ready(times).await;
    }

    async fn timeout_pending(&self, times: usize) {
        timeout_pending(times).await;
    }

    async fn interval_tick(&self, times: usize) {
        interval_tick(times).await;
    }

    async fn blocking(&self, times: usize) {
        blocking(times).await;
    }

    fn block_on(&self, times: usize) {
        for i in 0..times {
            black_box(smol::block_on(async { i }));
        }
    }

    async fn abort_join(&self, times: usize) {
        for _ in 0..times {
            let task = smol::spawn(pending::<()>());
            assert!(task.cancel().await.is_none());
        }
    }

    async fn panic_join(&self, times: usize) {
        for _ in 0..times {
            let task = smol::spawn(async { panic_any(PAYLOAD) });
            let payload: Result<(), _> = AssertUnwindSafe(task).catch_unwind().await;
            black_box(payload.unwrap_err());
        }
    }
}

/// The limit that smol's users write: whichever is ready first.
async fn timeout<F: Future>(future: F) -> Option<F::Output> {
    let limit = async {
        Timer::after(FAR).await;
        None
    };
    async { Some(future.await) }.or(limit).await
}

pub(super) fn sleep_made(times: usize) {
    for _ in 0..times {
        black_box(&Timer::after(FAR));
    }
}

pub(super) async fn sleep_polled(times: usize) {
    for _ in 0..times {
        poll_once(Timer::after(FAR)).await;
    }
}

pub(super) async fn timeout_ready(times: usize) {
    for i in 0..times {
        black_box(timeout(async { i }).await.unwrap());
    }
}

pub(super) async fn timeout_pending(times: usize) {
    for _ in 0..times {
        timeout(YieldOnce::default()).await.unwrap();
    }
}

pub(super) async fn interval_tick(times: usize) {
    let mut interval = Timer::interval_at(Instant::now() - HEAD_START, PERIOD);
    for _ in 0..times {
        black_box(interval.next().await);
    }
}

pub(super) async fn blocking(times: usize) {
    for i in 0..times {
        black_box(smol::unblock(move || i).await);
    }
}
