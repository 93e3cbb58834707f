use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use anyrt_core::{BlockOn, Config, JoinHandle, Launch, LaunchError};
use anyrt_structured::{PinnedPool, PinnedTask};
use futures::channel::oneshot;

use super::{Flaw, OnRuntime as _};
use crate::{Backend, Local, Started};

anyrt_conformance_engine::mutants! { Flaw;
    pinned_changes_payloads: "a pinned task panics with another payload",
        killed by "pinned::task_rules_hold";
    pinned_runs_on: "the tasks of a pool that is gone run on",
        killed by "pinned::shutdown_cancels";
    pinned_spreads_nothing: "all tasks of a pool are on one thread",
        killed by "pinned::spreads_the_tasks";
    pinned_starts_threads: "a pool starts a thread for each task",
        killed by "pinned::stays_on_its_thread";
}

/// What a started local runtime has beside its handle here.
pub(crate) trait OnPool {
    /// So many threads, with a runtime of the same backend each.
    fn pool(&self, threads: usize) -> Pool;
}

impl OnPool for Started<Local> {
    fn pool(&self, threads: usize) -> Pool {
        let flaw = self.structured().flaw;
        let real = match flaw {
            Some(Flaw::pinned_spreads_nothing) => 1,
            _ => threads,
        };
        Pool {
            real: Some(launch(self.backend(), real)),
            backend: self.backend().clone(),
            threads,
            flaw,
        }
    }
}

/// The backend of the pool that is being launched: `Launch::launch` takes no more than a configuration.
static LAUNCHING: Mutex<Option<Backend>> = Mutex::new(None);

fn launch(backend: &Backend, threads: usize) -> PinnedPool<Worker> {
    // One pool at a time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let launching = || LAUNCHING.lock().unwrap_or_else(PoisonError::into_inner);
    *launching() = Some(backend.clone());
    let pool = PinnedPool::launch(threads, Config::new());
    *launching() = None;
    pool.expect("the backend starts")
}

/// The runtime of one thread.
#[derive(Debug)]
pub(crate) struct Worker(Started<Local>);

impl Launch for Worker {
    type Handle = Local;

    fn launch(_: Config) -> Result<Self, LaunchError> {
        let launching = LAUNCHING.lock().unwrap_or_else(PoisonError::into_inner);
        let backend = launching.clone();
        drop(launching);
        Ok(Self(backend.expect("a pool is launched").start_local()))
    }

    fn handle(&self) -> Local {
        self.0.handle()
    }

    fn shutdown(self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

impl BlockOn for Worker {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

/// Threads with a local runtime each.
pub(crate) struct Pool {
    /// `None` only while it is dropped.
    real: Option<PinnedPool<Worker>>,
    backend: Backend,
    threads: usize,
    flaw: Option<Flaw>,
}

impl Pool {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn real(&self) -> &PinnedPool<Worker> {
        self.real.as_ref().expect("taken only when it is dropped")
    }

    pub(crate) fn threads(&self) -> usize {
        match self.flaw {
            Some(Flaw::pinned_spreads_nothing) => self.threads,
            _ => self.real().threads(),
        }
    }

    pub(crate) fn spawn_pinned<C, F>(&self, create: C) -> JoinHandle<PinnedTask<F::Output>>
    where
        C: FnOnce(Local) -> F + Send + 'static,
        F: Future<Output: Send + 'static> + 'static,
    {
        if self.has(Flaw::pinned_starts_threads) {
            let (sender, receiver) = oneshot::channel();
            let backend = self.backend.clone();
            thread::spawn(move || {
                let rt = backend.start_local();
                let future = create(rt.handle());
                drop(sender.send(rt.block_on(future)));
            });
            return self
                .real()
                .spawn_pinned(|_| async { receiver.await.expect("the thread ends the task") });
        }
        let changes_payload = self.has(Flaw::pinned_changes_payloads);
        self.real().spawn_pinned(move |rt| {
            let future = create(rt);
            async move {
                let mut future = pin!(future);
                std::future::poll_fn(|cx| {
                    if !changes_payload {
                        return future.as_mut().poll(cx);
                    }
                    let poll: thread::Result<Poll<F::Output>> =
                        catch_unwind(AssertUnwindSafe(|| Pin::as_mut(&mut future).poll(cx)));
                    poll.unwrap_or_else(|_| resume_unwind(Box::new("a pinned task panicked")))
                })
                .await
            }
        })
    }

    pub(crate) fn shutdown(mut self) {
        let real = self.real.take().expect("taken only when it is dropped");
        if self.has(Flaw::pinned_runs_on) {
            std::mem::forget(real);
        } else {
            real.shutdown();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.has(Flaw::pinned_runs_on) {
            std::mem::forget(self.real.take());
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
