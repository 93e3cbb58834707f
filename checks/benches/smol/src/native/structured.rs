//! What smol's users write by hand where `anyrt-structured` has groups, scopes and semaphores.

use std::hint::black_box;

use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::structured::Structured;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

/// `FuturesUnordered` of smol's tasks, and the semaphore of async-lock, which smol exports.
#[derive(Clone, Copy, Debug)]
pub struct SmolUnordered;

impl Structured for SmolUnordered {
    async fn task_group(&self, times: usize) {
        for _ in 0..times / BATCH {
            let mut tasks: FuturesUnordered<_> =
                (0..BATCH).map(|i| smol::spawn(async move { i })).collect();
            while let Some(output) = tasks.next().await {
                black_box(output);
            }
        }
    }

    async fn scope(&self, times: usize) {
        self.task_group(times).await;
    }

    async fn semaphore(&self, times: usize) {
        let semaphore = smol::lock::Semaphore::new(1);
        for _ in 0..times {
            black_box(&semaphore.acquire().await);
        }
    }
}
