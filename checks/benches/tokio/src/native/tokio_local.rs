use std::future::{Future, pending};
use std::hint::black_box;
use std::panic::panic_any;
use std::rc::Rc;

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use super::TokioHandle;
use anyrt_benches_kit::local::{LocalWork, StartLocal};
use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{PAYLOAD, Work, count_one, restart_count, until_ran};

/// tokio's runtime of one thread, shared by `Rc`: `runtime.spawn_local`, and its handle for what need not be local.
#[derive(Clone, Debug)]
pub struct TokioLocal {
    runtime: Rc<LocalRuntime>,
    shared: TokioHandle,
}

impl StartLocal for TokioLocal {
    type Work = Self;

    fn start() -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default())
            .expect("the system has an event queue to give");
        Self {
            shared: TokioHandle(runtime.handle().clone()),
            runtime: Rc::new(runtime),
        }
    }

    fn work(&self) -> Self {
        self.clone()
    }

    fn drive<F: Future<Output = ()> + 'static>(&self, root: F) {
        let task = self.runtime.spawn_local(root);
        self.runtime.block_on(task).expect("a root does not panic");
    }
}

impl LocalWork for TokioLocal {
    async fn spawn_join(&self, times: usize) {
        for i in 0..times {
            black_box(self.runtime.spawn_local(async move { i }).await.unwrap());
        }
    }

    async fn batch(&self, times: usize) {
        let mut tasks = Vec::with_capacity(BATCH);
        for _ in 0..times / BATCH {
            for i in 0..BATCH {
                tasks.push(self.runtime.spawn_local(async move { i }));
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
                drop(self.runtime.spawn_local(count_one()));
            }
            until_ran(round * BATCH).await;
        }
    }

    async fn sleep_made(&self, times: usize) {
        self.shared.sleep_made(times).await;
    }

    async fn sleep_polled(&self, times: usize) {
        self.shared.sleep_polled(times).await;
    }

    async fn timeout_ready(&self, times: usize) {
        self.shared.timeout_ready(times).await;
    }

    async fn timeout_pending(&self, times: usize) {
        self.shared.timeout_pending(times).await;
    }

    async fn interval_tick(&self, times: usize) {
        self.shared.interval_tick(times).await;
    }

    async fn blocking(&self, times: usize) {
        self.shared.blocking(times).await;
    }

    fn block_on(&self, times: usize) {
        for i in 0..times {
            black_box(self.runtime.block_on(async { i }));
        }
    }

    async fn abort_join(&self, times: usize) {
        for _ in 0..times {
            let task = self.runtime.spawn_local(pending::<()>());
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
    }

    async fn panic_join(&self, times: usize) {
        for _ in 0..times {
            let error = self
                .runtime
                .spawn_local(async { panic_any(PAYLOAD) })
                .await
                .unwrap_err();
            black_box(error.into_panic());
        }
    }
}
