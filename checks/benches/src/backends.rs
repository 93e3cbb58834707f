//! Starts the runtimes, and pairs the native way with the layer's.

use std::fmt;
use std::future::{Future, pending};
use std::sync::Arc;
use std::thread;

use anyrt_async_std::AsyncStd;
use anyrt_core::{AnyBlockOn, BlockOn, Config, Flavor, Launch, Runtime};
use anyrt_smol::Smol;
use async_executor::Executor;

use crate::layer::Layer;
use crate::local::{Local, StartLocal};
use crate::measure::{Drive, Driven, Measure};
use crate::native;
use crate::operation::Operation;
use crate::structured::{self, DrivenGroups, Structured};
use crate::wall::ScalePoint;
use crate::wall::run_pair;
use crate::work::Work;

/// Every pair that can be started: a backend's key, with `+ambient` for the zero-sized form, `+any` for the erased one, which is
/// compared with the static form, and `+structured` for what `anyrt-structured` does on it.
pub const KEYS: &[&str] = &[
    "tokio-multi-thread",
    "tokio-multi-thread+ambient",
    "tokio-multi-thread+any",
    "tokio-current-thread",
    "tokio-current-thread+ambient",
    "tokio-current-thread+any",
    "smol",
    "smol+ambient",
    "smol+any",
    "smol-owned",
    "smol-owned+any",
    "async-std",
    "async-std+ambient",
    "async-std+any",
    "tokio-local",
    "smol-local",
    "async-std-local",
    "tokio-multi-thread+structured",
    "tokio-current-thread+structured",
    "smol+structured",
];

/// What is measured on `key`.
pub fn operations(key: &str) -> &'static [Operation] {
    if key.ends_with("+structured") {
        &Operation::STRUCTURED
    } else {
        &Operation::ALL
    }
}

/// How many operations are measured on all backends together.
pub fn cases() -> usize {
    KEYS.iter().map(|key| operations(key).len()).sum()
}

/// The same operations done twice, on running backends.
pub struct Pair {
    /// How it is called.
    pub key: &'static str,
    /// By hand; for the erased form: through the static one.
    pub native: Box<dyn Measure>,
    /// Through anyrt.
    pub layer: Box<dyn Measure>,
    /// Other ways, which are reported only.
    pub beside: Vec<Beside>,
}

/// Another way of doing some of the operations.
pub struct Beside {
    /// How it is called.
    pub name: &'static str,
    /// What it does.
    pub operations: &'static [Operation],
    /// How it does it.
    pub way: Box<dyn Measure>,
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Pair {
    /// Starts what `key`, one of [`KEYS`], needs, with `workers` threads where the program has the choice.
    ///
    /// # Panics
    ///
    /// When `key` is unknown or a runtime does not start.
    pub fn start(key: &'static str, workers: usize) -> Self {
        match key {
            "tokio-multi-thread" => tokio_handle(key, multi_thread(workers)),
            "tokio-multi-thread+ambient" => tokio_ambient(key, multi_thread(workers)),
            "tokio-multi-thread+any" => tokio_any(key, multi_thread(workers)),
            "tokio-current-thread" => tokio_handle(key, current_thread()),
            "tokio-current-thread+ambient" => tokio_ambient(key, current_thread()),
            "tokio-current-thread+any" => tokio_any(key, current_thread()),
            "smol" => pair(key, native::Smol, Layer(Smol::global()), || OnSmol),
            "smol+ambient" => pair(key, native::Smol, Layer(anyrt_smol::Ambient), || OnSmol),
            "smol+any" => erased(key, Smol::global(), || OnSmol),
            "smol-owned" => smol_owned(key, workers),
            "smol-owned+any" => smol_owned_any(key, workers),
            "async-std" => pair(key, native::AsyncStd, Layer(AsyncStd::global()), || {
                OnAsyncStd
            }),
            "async-std+ambient" => {
                let layer = Layer(anyrt_async_std::Ambient);
                pair(key, native::AsyncStd, layer, || OnAsyncStd)
            }
            "async-std+any" => erased(key, AsyncStd::global(), || OnAsyncStd),
            "tokio-local" => local::<native::TokioLocal, anyrt_tokio::Local>(key),
            "smol-local" => local::<native::SmolLocal, anyrt_smol::Local>(key),
            "async-std-local" => local::<native::AsyncStdLocal, anyrt_async_std::Local>(key),
            "tokio-multi-thread+structured" => tokio_structured(key, multi_thread(workers)),
            "tokio-current-thread+structured" => tokio_structured(key, current_thread()),
            "smol+structured" => Self {
                key,
                native: groups(structured::SmolUnordered, OnSmol),
                layer: groups(Layer(Smol::global()), OnSmol),
                beside: Vec::new(),
            },
            _ => panic!("no backend is called `{key}`"),
        }
    }
}

/// Measures how the cost per item grows with the number of items, on every backend.
pub(crate) fn scale(most: usize, progress: &mut dyn FnMut(&ScalePoint)) {
    for (key, owned) in [
        ("tokio-multi-thread", multi_thread(2)),
        ("tokio-current-thread", current_thread()),
    ] {
        let handle = owned.handle();
        let native = native::TokioHandle(handle.as_tokio().clone());
        let drive = || OnTokio(owned.clone());
        run_pair(
            key,
            (native, drive()),
            (Layer(handle), drive()),
            most,
            progress,
        );
    }
    let layer = Layer(Smol::global());
    run_pair(
        "smol",
        (native::Smol, OnSmol),
        (layer, OnSmol),
        most,
        progress,
    );
    let executor = start_executor(2);
    let owned: Arc<anyrt_smol::Owned> = launch(Config::new().worker_threads(2));
    run_pair(
        "smol-owned",
        (native::SmolOwned(executor.clone()), OnExecutor(executor)),
        (Layer(owned.handle()), OnSmolOwned(owned)),
        most,
        progress,
    );
    run_pair(
        "async-std",
        (native::AsyncStd, OnAsyncStd),
        (Layer(AsyncStd::global()), OnAsyncStd),
        most,
        progress,
    );
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

pub(crate) fn multi_thread(workers: usize) -> Arc<anyrt_tokio::Owned> {
    launch(Config::new().worker_threads(workers))
}

fn current_thread() -> Arc<anyrt_tokio::Owned> {
    launch(Config::new().flavor(Flavor::CurrentThread))
}

fn launch<L: Launch>(config: Config) -> Arc<L> {
    Arc::new(L::launch(config).expect("the options are ones that the runtime honours"))
}

fn tokio_handle(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    let handle = owned.handle();
    let native = native::TokioHandle(handle.as_tokio().clone());
    pair(key, native, Layer(handle), || OnTokio(owned.clone()))
}

fn tokio_ambient(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    let layer = Layer(anyrt_tokio::Ambient);
    pair(key, native::Tokio, layer, || OnTokio(owned.clone()))
}

fn tokio_any(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    erased(key, owned.handle(), || OnTokio(owned.clone()))
}

fn smol_owned(key: &'static str, workers: usize) -> Pair {
    let executor = start_executor(workers);
    let owned: Arc<anyrt_smol::Owned> = launch(Config::new().worker_threads(workers));
    Pair {
        key,
        native: boxed(native::SmolOwned(executor.clone()), OnExecutor(executor)),
        layer: boxed(Layer(owned.handle()), OnSmolOwned(owned)),
        beside: Vec::new(),
    }
}

fn start_executor(workers: usize) -> Arc<Executor<'static>> {
    let executor = Arc::new(Executor::new());
    for _ in 0..workers {
        let executor = executor.clone();
        // They run until the process ends, as in many a program.
        thread::spawn(move || smol::block_on(executor.run(pending::<()>())));
    }
    executor
}

fn smol_owned_any(key: &'static str, workers: usize) -> Pair {
    let owned: Arc<anyrt_smol::Owned> = launch(Config::new().worker_threads(workers));
    erased(key, owned.handle(), || OnSmolOwned(owned.clone()))
}

fn erased<R: Runtime + BlockOn, D: Drive>(
    key: &'static str,
    runtime: R,
    drive: impl Fn() -> D,
) -> Pair {
    let erased = AnyBlockOn::new(runtime.clone());
    pair(key, Layer(runtime), Layer(erased), drive)
}

fn pair<N: Work, L: Work, D: Drive>(
    key: &'static str,
    native: N,
    layer: L,
    drive: impl Fn() -> D,
) -> Pair {
    Pair {
        key,
        native: boxed(native, drive()),
        layer: boxed(layer, drive()),
        beside: Vec::new(),
    }
}

fn local<N: StartLocal + 'static, L: StartLocal + 'static>(key: &'static str) -> Pair {
    Pair {
        key,
        native: Box::new(Local::<N>::new()),
        layer: Box::new(Local::<L>::new()),
        beside: Vec::new(),
    }
}

fn tokio_structured(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    let handle = owned.handle();
    let tokio = handle.as_tokio().clone();
    let drive = || OnTokio(owned.clone());
    Pair {
        key,
        native: groups(structured::Tokio(tokio.clone()), drive()),
        layer: groups(Layer(handle), drive()),
        beside: vec![Beside {
            name: "FuturesUnordered",
            operations: &[Operation::TaskGroup],
            way: groups(structured::TokioUnordered(tokio), drive()),
        }],
    }
}

fn boxed<W: Work, D: Drive>(work: W, drive: D) -> Box<dyn Measure> {
    Box::new(Driven { work, drive })
}

fn groups<W: Structured, D: Drive>(work: W, drive: D) -> Box<dyn Measure> {
    Box::new(DrivenGroups { work, drive })
}

/// Drives a root as a task of tokio's.
pub(crate) struct OnTokio(pub(crate) Arc<anyrt_tokio::Owned>);

impl Drive for OnTokio {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        let task = self.0.handle().as_tokio().spawn(root);
        self.0.block_on(task).expect("a root does not panic");
    }

    fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        let handle = self.0.handle();
        let _context = handle.as_tokio().enter();
        work()
    }
}

/// Drives a root as a task of smol's global executor.
pub(crate) struct OnSmol;

impl Drive for OnSmol {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        smol::future::block_on(smol::spawn(root));
    }
}

/// Drives a root as a task of an executor that has threads already.
struct OnExecutor(Arc<Executor<'static>>);

impl Drive for OnExecutor {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        smol::future::block_on(self.0.spawn(root));
    }
}

/// Drives a root as a task of anyrt's owned smol executor.
struct OnSmolOwned(Arc<anyrt_smol::Owned>);

impl Drive for OnSmolOwned {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        let task = anyrt_core::Spawn::spawn(&self.0.handle(), root);
        smol::future::block_on(task).expect("a root does not panic");
    }
}

/// Drives a root as a task of async-std's.
pub(crate) struct OnAsyncStd;

impl Drive for OnAsyncStd {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        smol::future::block_on(async_std::task::spawn(root));
    }
}
