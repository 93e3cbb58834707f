use std::future::pending;
use std::hint::black_box;
use std::panic::panic_any;

use tokio::runtime::Handle;
use tokio::time::Instant;

use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{
    FAR, HEAD_START, PAYLOAD, PERIOD, Work, YieldOnce, count_one, poll_once, restart_count,
    until_ran,
};

/// tokio by a handle, which is what code has that is not sure to run inside the runtime: `handle.spawn`, and `handle.enter`
/// around what has no method on the handle.
#[derive(Clone, Debug)]
pub struct TokioHandle(pub Handle);

impl Work for TokioHandle {
    async fn spawn_join(&self, times: usize) {
        for i in 0..times {
            black_box(self.0.spawn(async move { i }).await.unwrap());
        }
    }

    async fn batch(&self, times: usize) {
        let mut tasks = Vec::with_capacity(BATCH);
        for _ in 0..times / BATCH {
            for i in 0..BATCH {
                tasks.push(self.0.spawn(async move { i }));
            }
            for task in tasks.drain(..) {
                black_box(task.await.unwrap());
            }
        }
    }

    async fn detach(&self, times: usize) {
        restart_count();
        for round in 1..=times / BATCH {
            for _ in 0..BATCH {
                drop(self.0.spawn(count_one()));
            }
            until_ran(round * BATCH).await;
        }
    }

    async fn sleep_made(&self, times: usize) {
        for _ in 0..times {
            let context = self.0.enter();
            let sleep = tokio::time::sleep(FAR);
            drop(context);
            black_box(&sleep);
        }
    }

    async fn sleep_polled(&self, times: usize) {
        for _ in 0..times {
            let context = self.0.enter();
            let sleep = tokio::time::sleep(FAR);
            drop(context);
            poll_once(sleep).await;
        }
    }

    async fn timeout_ready(&self, times: usize) {
        for i in 0..times {
            let context = self.0.enter();
            let limited = tokio::time::timeout(FAR, async { i });
            drop(context);
            black_box(limited.await.unwrap());
        }
    }

    async fn timeout_pending(&self, times: usize) {
        for _ in 0..times {
            let context = self.0.enter();
            let limited = tokio::time::timeout(FAR, YieldOnce::default());
            drop(context);
            limited.await.unwrap();
        }
    }

    async fn interval_tick(&self, times: usize) {
        let mut interval = tokio::time::interval_at(Instant::now() - HEAD_START, PERIOD);
        for _ in 0..times {
            black_box(interval.tick().await);
        }
    }

    async fn blocking(&self, times: usize) {
        for i in 0..times {
            black_box(self.0.spawn_blocking(move || i).await.unwrap());
        }
    }

    fn block_on(&self, times: usize) {
        for i in 0..times {
            black_box(self.0.block_on(async { i }));
        }
    }

    async fn abort_join(&self, times: usize) {
        for _ in 0..times {
            let task = self.0.spawn(pending::<()>());
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
    }

    async fn panic_join(&self, times: usize) {
        for _ in 0..times {
            let error = self
                .0
                .spawn(async { panic_any(PAYLOAD) })
                .await
                .unwrap_err();
            black_box(error.into_panic());
        }
    }
}
