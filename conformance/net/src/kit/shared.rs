use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use anyrt_core::{JoinHandle, Spawn};
use anyrt_net::NetRuntime;

/// A runtime whose tasks are `Send`, as a rule sees it: its handle, and how a fresh one of its kind is started.
#[derive(Clone, Debug)]
pub struct Shared<R> {
    rt: R,
    fresh: Option<fn() -> Fresh<R>>,
}

/// A runtime that was started for one rule.
#[derive(Debug)]
pub struct Fresh<R> {
    /// Its handle.
    pub rt: R,
    /// Drives it and shuts it down.
    pub owner: Box<dyn Owner>,
}

/// The owner of a runtime, without its type.
pub trait Owner: std::fmt::Debug {
    /// Drives the runtime until the future is done.
    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>);

    /// Shuts the runtime down, waiting for its threads.
    fn shutdown(self: Box<Self>);
}

impl<R: NetRuntime> Shared<R> {
    /// A place on `rt`, without a way to start others.
    pub fn new(rt: R) -> Self {
        Self { rt, fresh: None }
    }

    /// A place on `rt`, with a function that starts another of its kind.
    pub fn with_fresh(rt: R, fresh: fn() -> Fresh<R>) -> Self {
        Self {
            rt,
            fresh: Some(fresh),
        }
    }

    /// Starts another runtime of this kind, where a program can.
    pub fn fresh(&self) -> Option<fn() -> Fresh<R>> {
        self.fresh
    }

    /// Spawns a task.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Spawn::spawn(&self.rt, future)
    }

    /// The handle.
    pub fn handle(&self) -> R {
        self.rt.clone()
    }
}

impl<R> Deref for Shared<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.rt
    }
}
