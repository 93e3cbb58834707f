//! `anyrt-structured` beside what the users of each runtime write by hand.

use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;

use anyrt_core::Runtime;
use anyrt_structured::{Semaphore, TaskGroup, scope};

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
