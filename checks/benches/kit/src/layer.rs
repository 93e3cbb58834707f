//! The operations through anyrt, on any runtime.

use std::future::pending;
use std::hint::black_box;
use std::panic::panic_any;
use std::pin::pin;

use anyrt_core::{BlockOn, LocalRuntime, Runtime};

use crate::local::LocalWork;
use crate::operation::BATCH;
use crate::work::{
    FAR, HEAD_START, PAYLOAD, PERIOD, Work, YieldOnce, count_one, poll_once, restart_count,
    until_ran,
};

/// The operations through `R`, the way a library writes them.
#[derive(Clone, Debug)]
pub struct Layer<R>(pub R);

/// Both families do the same; only the call that spawns has another name.
macro_rules! operations {
    ($spawn:ident, $spawn_detached:ident) => {
        async fn spawn_join(&self, times: usize) {
            for i in 0..times {
                black_box(self.0.$spawn(async move { i }).await.unwrap());
            }
        }

        async fn batch(&self, times: usize) {
            let mut tasks = Vec::with_capacity(BATCH);
            for _ in 0..times / BATCH {
                for i in 0..BATCH {
                    tasks.push(self.0.$spawn(async move { i }));
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
                    self.0.$spawn_detached(count_one());
                }
                until_ran(round * BATCH).await;
            }
        }

        async fn sleep_made(&self, times: usize) {
            for _ in 0..times {
                black_box(&self.0.sleep(FAR));
            }
        }

        async fn sleep_polled(&self, times: usize) {
            for _ in 0..times {
                poll_once(self.0.sleep(FAR)).await;
            }
        }

        async fn timeout_ready(&self, times: usize) {
            for i in 0..times {
                black_box(self.0.timeout(FAR, async { i }).await.unwrap());
            }
        }

        async fn timeout_pending(&self, times: usize) {
            for _ in 0..times {
                self.0.timeout(FAR, YieldOnce::default()).await.unwrap();
            }
        }

        async fn interval_tick(&self, times: usize) {
            let start = self.0.now() - HEAD_START;
            let mut interval = pin!(self.0.interval_at(start, PERIOD));
            for _ in 0..times {
                black_box(interval.as_mut().tick().await);
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
                let mut task = self.0.$spawn(pending::<()>());
                task.abort();
                assert!(task.await.is_err_and(|error| error.is_cancelled()));
            }
        }

        async fn panic_join(&self, times: usize) {
            for _ in 0..times {
                let error = self
                    .0
                    .$spawn(async { panic_any(PAYLOAD) })
                    .await
                    .unwrap_err();
                black_box(error.into_panic());
            }
        }
    };
}

impl<R: Runtime + BlockOn> Work for Layer<R> {
    operations!(spawn, spawn_detached);
}

impl<R: LocalRuntime + BlockOn> LocalWork for Layer<R> {
    operations!(spawn_local, spawn_local_detached);
}
