use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use async_channel::Receiver;
use opentelemetry_sdk::runtime::{Runtime, RuntimeChannel};

use crate::Sender;

/// OpenTelemetry's runtime on any of ours.
///
/// # Cost
///
/// A task per processor or reader, and no box but those of opentelemetry_sdk.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_opentelemetry::Opentelemetry;
/// use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
/// use opentelemetry_sdk::trace::InMemorySpanExporter;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let runtime = Opentelemetry::new(owner.handle());
/// let processor = BatchSpanProcessor::builder(InMemorySpanExporter::default(), runtime).build();
/// # drop(processor);
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Opentelemetry<R> {
    runtime: R,
}

impl<R: anyrt_core::Runtime> Opentelemetry<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }
}

impl<R: anyrt_core::Runtime> Runtime for Opentelemetry<R> {
    #[inline]
    #[track_caller]
    fn spawn<F>(&self, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.runtime.spawn_detached(future);
    }

    #[inline]
    #[track_caller]
    fn delay(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.runtime.sleep(duration)
    }
}

impl<R: anyrt_core::Runtime> RuntimeChannel for Opentelemetry<R> {
    type Receiver<T: Debug + Send> = Receiver<T>;
    type Sender<T: Debug + Send> = Sender<T>;

    fn batch_message_channel<T: Debug + Send>(
        &self,
        capacity: usize,
    ) -> (Self::Sender<T>, Self::Receiver<T>) {
        // A queue of no messages would take none.
        let (sender, receiver) = async_channel::bounded(capacity.max(1));
        (Sender::new(sender), receiver)
    }
}
