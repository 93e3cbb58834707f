//! The same work through other layers, on tokio multi-thread; only with the feature `peers`.

use std::fmt;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;

use agnostic_lite::tokio::TokioRuntime;
use agnostic_lite::{LocalRuntimeLite, RuntimeLite};
use anyrt_core::{BlockOn, Config, Launch};
use async_executors::{SpawnBlocking, SpawnHandleExt, Timer, TokioTp};
use async_rs::traits::{Executor, Reactor};

use crate::layer::Layer;
use crate::measure::{Drive, Driven, Measure};
use crate::native;
use crate::operation::{BATCH, Operation};
use crate::probe::Probe;
use crate::work::{FAR, poll_once};

/// What every layer here can do.
pub const OPERATIONS: [Operation; 4] = [
    Operation::SpawnJoin,
    Operation::Batch,
    Operation::SleepPolled,
    Operation::Blocking,
];

/// Every way, on one running runtime; native first.
pub struct Ways {
    /// Names and ways.
    pub ways: Vec<(String, Box<dyn Measure>)>,
}

impl Ways {
    /// Starts tokio with two workers.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start() -> Self {
        let config = Config::new().worker_threads(2);
        let owned = anyrt_tokio::Owned::launch(config);
        let owned = Arc::new(owned.expect("the options are ones that the runtime honours"));
        let handle = owned.handle();
        let tokio = handle.as_tokio().clone();
        let native = Driven {
            work: native::TokioHandle(tokio.clone()),
            drive: On(owned.clone()),
        };
        let layer = Driven {
            work: Layer(handle),
            drive: On(owned.clone()),
        };
        let context = tokio.enter();
        let executors = TokioTp::try_current().expect("inside a multi-thread runtime");
        drop(context);
        let rs = async_rs::Runtime::tokio_with_handle(tokio);
        let mut ways: Vec<(String, Box<dyn Measure>)> = vec![
            ("native".to_owned(), Box::new(native)),
            ("anyrt".to_owned(), Box::new(layer)),
        ];
        let on = || On(owned.clone());
        ways.push((
            "agnostic-lite".to_owned(),
            Box::new(Peer {
                drive: on(),
                peer: AgnosticLite,
            }),
        ));
        ways.push((
            "async_executors".to_owned(),
            Box::new(Peer {
                drive: on(),
                peer: AsyncExecutors(executors),
            }),
        ));
        ways.push((
            "async-rs".to_owned(),
            Box::new(Peer {
                drive: on(),
                peer: AsyncRs(rs),
            }),
        ));
        Self { ways }
    }
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ways").finish_non_exhaustive()
    }
}

struct On(Arc<anyrt_tokio::Owned>);

impl Drive for On {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        let task = self.0.handle().as_tokio().spawn(root);
        self.0.block_on(task).expect("a root does not panic");
    }
}

/// What is asked of another layer; through its own functions, each as its documentation writes it.
trait Ask: Clone + Send + Sync + 'static {
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send;
    fn sleep(&self) -> impl Future<Output = ()> + Send;
    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send;
}

#[derive(Clone)]
struct AgnosticLite;

impl Ask for AgnosticLite {
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send {
        let task = TokioRuntime::spawn(async move { number });
        async { task.await.unwrap() }
    }

    fn sleep(&self) -> impl Future<Output = ()> + Send {
        let sleep = TokioRuntime::sleep(FAR);
        async {
            sleep.await;
        }
    }

    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send {
        let task = <TokioRuntime as LocalRuntimeLite>::spawn_blocking(move || number);
        async { task.await.unwrap() }
    }
}

#[derive(Clone)]
struct AsyncExecutors(TokioTp);

impl Ask for AsyncExecutors {
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send {
        self.0.spawn_handle(async move { number }).unwrap()
    }

    fn sleep(&self) -> impl Future<Output = ()> + Send {
        Timer::sleep(&self.0, FAR)
    }

    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send {
        SpawnBlocking::spawn_blocking(&self.0, move || number)
    }
}

#[derive(Clone)]
struct AsyncRs(async_rs::TokioRuntime);

impl Ask for AsyncRs {
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send {
        self.0.spawn(async move { number })
    }

    fn sleep(&self) -> impl Future<Output = ()> + Send {
        let sleep = self.0.sleep(FAR);
        async {
            sleep.await;
        }
    }

    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send {
        self.0.spawn_blocking(move || number)
    }
}

struct Peer<P> {
    drive: On,
    peer: P,
}

impl<P: Ask> Measure for Peer<P> {
    fn measure(&self, operation: Operation, times: usize, probe: &Arc<dyn Probe>) {
        let (peer, probe) = (self.peer.clone(), probe.clone());
        let work: Pin<Box<dyn Future<Output = ()> + Send>> = match operation {
            Operation::SpawnJoin => Box::pin(async move {
                probe.begin();
                for i in 0..times {
                    black_box(peer.spawn(i).await);
                }
                probe.end();
            }),
            Operation::Batch => Box::pin(async move {
                probe.begin();
                let mut tasks = Vec::with_capacity(BATCH);
                for _ in 0..times / BATCH {
                    for i in 0..BATCH {
                        tasks.push(peer.spawn(i));
                    }
                    for task in tasks.drain(..) {
                        black_box(task.await);
                    }
                }
                probe.end();
            }),
            Operation::SleepPolled => Box::pin(async move {
                probe.begin();
                for _ in 0..times {
                    poll_once(peer.sleep()).await;
                }
                probe.end();
            }),
            Operation::Blocking => Box::pin(async move {
                probe.begin();
                for i in 0..times {
                    black_box(peer.blocking(i).await);
                }
                probe.end();
            }),
            other => unreachable!("{} is not among the operations of peers", other.name()),
        };
        self.drive.drive(work);
    }
}
