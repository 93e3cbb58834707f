use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use anyrt_core::prelude::*;
use anyrt_core::{JoinHandle, ShareTimer, Spawn, Timer};
use anyrt_net::{LocalNet, NetRuntime, Tcp};

use crate::load::Load;

/// Spawns for a library on `R`, and counts what it has spawned.
pub(crate) struct Spawner<R: Runtime> {
    pub(crate) runtime: R,
    pub(crate) load: Load,
    tasks: Option<Arc<Mutex<Tasks<R>>>>,
}

type Tasks<R> = Vec<JoinHandle<<R as Spawn>::Task<()>>>;

impl<R: Runtime> Spawner<R> {
    /// For a runtime that ends, and its tasks with it.
    pub(crate) fn new(runtime: R, load: Load) -> Self {
        Self {
            runtime,
            load,
            tasks: None,
        }
    }

    /// For a runtime that does not end, whose tasks are aborted one by one.
    pub(crate) fn keeping(runtime: R, load: Load) -> Self {
        Self {
            runtime,
            load,
            tasks: Some(Arc::default()),
        }
    }

    pub(crate) fn spawn<F>(&self, future: F)
    where
        F: Future + Send + 'static,
    {
        let live = self.load.enter();
        let task = self.runtime.spawn(async move {
            let _live = live;
            future.await;
        });
        match &self.tasks {
            Some(tasks) => tasks.lock().expect("nothing panics with it").push(task),
            None => task.detach(),
        }
    }

    /// Aborts every task, and those that these spawn on their way out, and waits for all of them.
    pub(crate) async fn abort_all(&self) {
        let Some(tasks) = &self.tasks else { return };
        loop {
            let mut aborted = std::mem::take(&mut *tasks.lock().expect("nothing panics with it"));
            if aborted.is_empty() {
                return;
            }
            for task in &mut aborted {
                task.abort();
            }
            for task in aborted {
                let _ = task.await;
            }
        }
    }
}

impl<R: Runtime> Clone for Spawner<R> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            load: self.load.clone(),
            tasks: self.tasks.clone(),
        }
    }
}

impl<R: Runtime> fmt::Debug for Spawner<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}

/// [`Spawner`] for a runtime of tasks that are not `Send`.
pub(crate) struct LocalSpawner<R> {
    pub(crate) runtime: R,
    pub(crate) load: Load,
    /// Keeps the spawner on its thread.
    _local: Rc<()>,
}

impl<R: LocalRuntime> LocalSpawner<R> {
    pub(crate) fn new(runtime: R, load: Load) -> Self {
        Self {
            runtime,
            load,
            _local: Rc::new(()),
        }
    }

    pub(crate) fn spawn<F>(&self, future: F)
    where
        F: Future + 'static,
    {
        let live = self.load.enter();
        self.runtime.spawn_local_detached(async move {
            let _live = live;
            future.await;
        });
    }
}

impl<R: LocalRuntime> Clone for LocalSpawner<R> {
    fn clone(&self) -> Self {
        Self::new(self.runtime.clone(), self.load.clone())
    }
}

/// A future whose output nobody wants.
pub(crate) struct Quiet<F>(Pin<Box<F>>);

impl<F> Quiet<F> {
    pub(crate) fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<F: Future> Future for Quiet<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx).map(|_| ())
    }
}

impl<R: Runtime, F> hyper::rt::Executor<F> for Spawner<R>
where
    F: Future + Send + 'static,
{
    fn execute(&self, future: F) {
        self.spawn(future);
    }
}

impl<R: LocalRuntime, F> hyper::rt::Executor<F> for LocalSpawner<R>
where
    F: Future + 'static,
{
    fn execute(&self, future: F) {
        self.spawn(future);
    }
}

/// What hyper is given on a runtime: where it spawns, its sockets, and a timer that is `Send`.
pub(crate) trait HyperRuntime: Clone + 'static {
    type Net: Tcp<TcpStream: 'static> + 'static;
    type Timer: Timer<Sleep: Send + Sync + 'static> + Send + Sync + 'static;

    fn load(&self) -> &Load;
    fn net(&self) -> &Self::Net;
    fn timer(&self) -> anyrt_hyper::Timer<Self::Timer>;
}

impl<R: NetRuntime> HyperRuntime for Spawner<R> {
    type Net = R;
    type Timer = R;

    fn load(&self) -> &Load {
        &self.load
    }

    fn net(&self) -> &R {
        &self.runtime
    }

    fn timer(&self) -> anyrt_hyper::Timer<R> {
        anyrt_hyper::Timer::new(&self.runtime)
    }
}

impl<R: LocalNet + ShareTimer> HyperRuntime for LocalSpawner<R> {
    type Net = R;
    type Timer = R::SharedTimer;

    fn load(&self) -> &Load {
        &self.load
    }

    fn net(&self) -> &R {
        &self.runtime
    }

    fn timer(&self) -> anyrt_hyper::Timer<R::SharedTimer> {
        anyrt_hyper::Timer::new(&self.runtime)
    }
}
