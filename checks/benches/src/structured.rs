//! `anyrt-structured` beside what the users of each runtime write by hand.

use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;

use anyrt_core::Runtime;
use anyrt_structured::{Semaphore, TaskGroup, scope};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::layer::Layer;
use crate::measure::{Drive, Measure};
use crate::operation::{BATCH, Operation};
use crate::probe::Probe;

/// Does the operations of [`Operation::STRUCTURED`], `times` times each.
pub trait Structured: Clone + Send + Sync + 'static {
    /// See [`Operation::TaskGroup`]; `times` is a multiple of the batch.
    fn task_group(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::Scope`]; `times` is a multiple of the batch.
    fn scope(&self, times: usize) -> impl Future<Output = ()> + Send;
    /// See [`Operation::Semaphore`].
    fn semaphore(&self, times: usize) -> impl Future<Output = ()> + Send;
}

impl<R: Runtime> Structured for Layer<R> {
    async fn task_group(&self, times: usize) {
        for _ in 0..times / BATCH {
            let mut group = TaskGroup::new(self.0.clone());
            for i in 0..BATCH {
                group.spawn(async move { i });
            }
            while let Some(output) = group.join_next().await {
                black_box(output.unwrap());
            }
        }
    }

    async fn scope(&self, times: usize) {
        for _ in 0..times / BATCH {
            scope(&self.0, |scope| async move {
                for i in 0..BATCH {
                    scope.spawn(async move {
                        black_box(i);
                    });
                }
            })
            .await;
        }
    }

    async fn semaphore(&self, times: usize) {
        let semaphore = Semaphore::new(1);
        for _ in 0..times {
            black_box(&semaphore.acquire().await);
        }
    }
}

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
        let semaphore = smol::lock::Semaphore::new(1);
        for _ in 0..times {
            black_box(&semaphore.acquire().await);
        }
    }
}

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

/// [`Structured`] work that is driven on a backend.
#[derive(Debug)]
pub struct DrivenGroups<W, D> {
    /// How the operations are done.
    pub work: W,
    /// Where they are done.
    pub drive: D,
}

impl<W: Structured, D: Drive> Measure for DrivenGroups<W, D> {
    fn measure(&self, operation: Operation, times: usize, probe: &Arc<dyn Probe>) {
        let (work, probe) = (self.work.clone(), probe.clone());
        match operation {
            Operation::TaskGroup => self.drive.drive(async move {
                probe.begin();
                work.task_group(times).await;
                probe.end();
            }),
            Operation::Scope => self.drive.drive(async move {
                probe.begin();
                work.scope(times).await;
                probe.end();
            }),
            Operation::Semaphore => self.drive.drive(async move {
                probe.begin();
                work.semaphore(times).await;
                probe.end();
            }),
            other => unreachable!("{} is measured by `Driven`", other.name()),
        }
    }
}
