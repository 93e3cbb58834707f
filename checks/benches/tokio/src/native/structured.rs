//! What tokio's users write by hand where `anyrt-structured` has groups, scopes and semaphores.

use std::hint::black_box;

use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::structured::Structured;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// tokio's own: `JoinSet` for groups and scopes, and its semaphore.
#[derive(Clone, Debug)]
pub struct Tokio(pub Handle);

impl Structured for Tokio {
    async fn task_group(&self, times: usize) {
        for _ in 0..times / BATCH {
            let mut set = JoinSet::new();
            for i in 0..BATCH {
                set.spawn_on(async move { i }, &self.0);
            }
            while let Some(output) = set.join_next().await {
                black_box(output.unwrap());
            }
        }
    }

    async fn scope(&self, times: usize) {
        for _ in 0..times / BATCH {
            let mut set = JoinSet::new();
            for i in 0..BATCH {
                set.spawn_on(
                    async move {
                        black_box(i);
                    },
                    &self.0,
                );
            }
            while let Some(output) = set.join_next().await {
                output.unwrap();
            }
        }
    }

    async fn semaphore(&self, times: usize) {
        let semaphore = tokio::sync::Semaphore::new(1);
        for _ in 0..times {
            black_box(&semaphore.acquire().await.unwrap());
        }
    }
}

/// `FuturesUnordered` of tokio's handles.
#[derive(Clone, Debug)]
pub struct TokioUnordered(pub Handle);

impl Structured for TokioUnordered {
    async fn task_group(&self, times: usize) {
        for _ in 0..times / BATCH {
            let mut tasks: FuturesUnordered<_> =
                (0..BATCH).map(|i| self.0.spawn(async move { i })).collect();
            while let Some(output) = tasks.next().await {
                black_box(output.unwrap());
            }
        }
    }

    async fn scope(&self, times: usize) {
        self.task_group(times).await;
    }

    async fn semaphore(&self, times: usize) {
        Tokio(self.0.clone()).semaphore(times).await;
    }
}
