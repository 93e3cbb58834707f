//! The operations by hand, with compio's own functions.

use std::future::{Future, pending};
use std::hint::black_box;
use std::panic::panic_any;

use compio_runtime::{Runtime, time};

use anyrt_benches_kit::local::{LocalWork, StartLocal};
use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{
    FAR, PAYLOAD, PERIOD, YieldOnce, count_one, poll_once, restart_count, until_ran,
};

/// compio's runtime of the thread.
#[derive(Clone, Debug)]
pub struct CompioLocal(Runtime);

impl StartLocal for CompioLocal {
    type Work = Self;

    fn start() -> Self {
        Self(Runtime::new().expect("the system has a ring or an event queue to give"))
    }

    fn work(&self) -> Self {
        self.clone()
    }

    fn drive<F: Future<Output = ()> + 'static>(&self, root: F) {
        let task = self.0.spawn(root);
        assert!(self.0.block_on(task).is_ok(), "a root does not panic");
    }
}

impl LocalWork for CompioLocal {
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
                self.0.spawn(count_one()).detach();
            }
            until_ran(round * BATCH).await;
        }
    }

    async fn sleep_made(&self, times: usize) {
        for _ in 0..times {
            black_box(&time::sleep(FAR));
        }
    }

    async fn sleep_polled(&self, times: usize) {
        for _ in 0..times {
            poll_once(time::sleep(FAR)).await;
        }
    }

    async fn timeout_ready(&self, times: usize) {
        for i in 0..times {
            black_box(time::timeout(FAR, async { i }).await.unwrap());
        }
    }

    async fn timeout_pending(&self, times: usize) {
        for _ in 0..times {
            time::timeout(FAR, YieldOnce::default()).await.unwrap();
        }
    }

    async fn interval_tick(&self, times: usize) {
        let mut interval = time::interval(PERIOD);
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
            assert!(self.0.spawn(pending::<()>()).cancel().await.is_none());
        }
    }

    async fn panic_join(&self, times: usize) {
        for _ in 0..times {
            let ended = self.0.spawn(async { panic_any(PAYLOAD) }).await;
            let ended: Result<(), _> = ended;
            black_box(ended.expect_err("it panics"));
        }
    }
}
