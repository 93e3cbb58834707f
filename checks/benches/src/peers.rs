//! The same work through other layers; only with the feature `peers`.

use std::future::Future;
use std::hint::black_box;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use agnostic_lite::RuntimeLite;
use agnostic_lite::smol::SmolRuntime;
use agnostic_lite::tokio::TokioRuntime;
use anyrt_async_std::AsyncStd;
use anyrt_benches_async_std::OnAsyncStd;
use anyrt_benches_smol::OnSmol;
use anyrt_benches_tokio::{OnTokio, multi_thread};
use anyrt_core::Launch;
use anyrt_smol::Smol;
use async_executors::{SpawnBlocking, SpawnHandle, SpawnHandleExt, Timer, TokioTp};
use async_rs::traits::{Executor, Reactor, RuntimeKit};
use futures::task::SpawnExt;
use tor_rtcompat::async_std::AsyncStdRustlsRuntime;
use tor_rtcompat::tokio::TokioRustlsRuntime;
use tor_rtcompat::{Blocking, SleepProvider};

use crate::layer::Layer;
use crate::measure::{Drive, Driven, Measure};
use crate::operation::{BATCH, Operation};
use crate::probe::Probe;
use crate::work::{FAR, Work, poll_once};

/// What every layer here can do.
pub const OPERATIONS: [Operation; 4] = [
    Operation::SpawnJoin,
    Operation::Batch,
    Operation::SleepPolled,
    Operation::Blocking,
];

/// The runtimes that at least two of the layers run on. tor-rtcompat's smol is not among them: it runs only while somebody blocks
/// on it, on that one thread, and so does other work than the rest.
pub const KEYS: [&str; 3] = ["tokio-multi-thread", "smol", "async-std"];

/// What is measured on one running runtime: names and ways, native first.
pub type Ways = Vec<(&'static str, Box<dyn Measure>)>;

/// Starts the runtime `key`, one of [`KEYS`], and every layer that runs on it.
///
/// # Panics
///
/// When `key` is unknown or the runtime does not start.
pub fn start(key: &str) -> Ways {
    match key {
        "tokio-multi-thread" => on_tokio(),
        "smol" => vec![
            ("native", driven(anyrt_benches_smol::native::Smol, OnSmol)),
            ("anyrt", driven(Layer(Smol::global()), OnSmol)),
            (
                "agnostic-lite",
                peer(AgnosticLite::<SmolRuntime>::new(), OnSmol),
            ),
            ("async-rs", peer(AsyncRs(async_rs::Runtime::smol()), OnSmol)),
        ],
        "async-std" => vec![
            (
                "native",
                driven(anyrt_benches_async_std::native::AsyncStd, OnAsyncStd),
            ),
            ("anyrt", driven(Layer(AsyncStd::global()), OnAsyncStd)),
            (
                "async_executors",
                peer(AsyncExecutors(async_executors::AsyncStd::new()), OnAsyncStd),
            ),
            (
                "tor-rtcompat",
                peer(TorRtcompat(tor_on_async_std()), OnAsyncStd),
            ),
        ],
        _ => panic!("no layer is compared on `{key}`"),
    }
}

fn on_tokio() -> Ways {
    let owned = multi_thread(2);
    let handle = owned.handle();
    let tokio = handle.as_tokio().clone();
    let on = || OnTokio(owned.clone());
    let context = tokio.enter();
    let executors = TokioTp::try_current().expect("inside a multi-thread runtime");
    drop(context);
    let rs = async_rs::Runtime::tokio_with_handle(tokio.clone());
    provide_cryptography();
    let tor = TokioRustlsRuntime::from(tokio.clone());
    vec![
        (
            "native",
            driven(anyrt_benches_tokio::native::TokioHandle(tokio), on()),
        ),
        ("anyrt", driven(Layer(handle), on())),
        (
            "agnostic-lite",
            peer(AgnosticLite::<TokioRuntime>::new(), on()),
        ),
        ("async_executors", peer(AsyncExecutors(executors), on())),
        ("async-rs", peer(AsyncRs(rs), on())),
        ("tor-rtcompat", peer(TorRtcompat(tor), on())),
    ]
}

fn tor_on_async_std() -> AsyncStdRustlsRuntime {
    provide_cryptography();
    AsyncStdRustlsRuntime::create().expect("async-std starts by itself")
}

/// tor-rtcompat makes a TLS configuration with each runtime, and panics where the program has no provider.
fn provide_cryptography() {
    // An error says that there is one already.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}

fn driven<W: Work, D: Drive>(work: W, drive: D) -> Box<dyn Measure> {
    Box::new(Driven { work, drive })
}

fn peer<P: Ask, D: Drive>(peer: P, drive: D) -> Box<dyn Measure> {
    Box::new(Peer { peer, drive })
}

/// What is asked of another layer; through its own functions, each as its documentation writes it.
trait Ask: Clone + Send + Sync + 'static {
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send;
    fn sleep(&self) -> impl Future<Output = ()> + Send;
    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send;
}

struct AgnosticLite<N>(PhantomData<fn() -> N>);

impl<N> AgnosticLite<N> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

impl<N> Clone for AgnosticLite<N> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<N: RuntimeLite> Ask for AgnosticLite<N> {
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send {
        let task = N::spawn(async move { number });
        async {
            match task.await {
                Ok(number) => number,
                Err(_) => unreachable!("it does not panic, and nobody cancels it"),
            }
        }
    }

    fn sleep(&self) -> impl Future<Output = ()> + Send {
        let sleep = N::sleep(FAR);
        async {
            sleep.await;
        }
    }

    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send {
        let task = N::spawn_blocking(move || number);
        async {
            match task.await {
                Ok(number) => number,
                Err(_) => unreachable!("it does not panic, and nobody cancels it"),
            }
        }
    }
}

#[derive(Clone)]
struct AsyncExecutors<E>(E);

impl<E> Ask for AsyncExecutors<E>
where
    E: SpawnHandle<usize> + SpawnBlocking<usize> + Timer + Clone + Send + Sync + 'static,
{
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
struct AsyncRs<K: RuntimeKit>(async_rs::Runtime<K>);

impl<K: RuntimeKit + Clone + Send + Sync + 'static> Ask for AsyncRs<K> {
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

#[derive(Clone)]
struct TorRtcompat<R>(R);

impl<R> Ask for TorRtcompat<R>
where
    R: tor_rtcompat::Runtime + Blocking<ThreadHandle<usize>: Send>,
{
    fn spawn(&self, number: usize) -> impl Future<Output = usize> + Send {
        self.0.spawn_with_handle(async move { number }).unwrap()
    }

    fn sleep(&self) -> impl Future<Output = ()> + Send {
        SleepProvider::sleep(&self.0, FAR)
    }

    fn blocking(&self, number: usize) -> impl Future<Output = usize> + Send {
        Blocking::spawn_blocking(&self.0, move || number)
    }
}

struct Peer<P, D> {
    peer: P,
    drive: D,
}

impl<P: Ask, D: Drive> Measure for Peer<P, D> {
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
