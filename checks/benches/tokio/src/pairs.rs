use std::future::Future;
use std::sync::Arc;

use anyrt_benches_kit::layer::Layer;
use anyrt_benches_kit::measure::Drive;
use anyrt_benches_kit::operation::Operation;
use anyrt_benches_kit::pair::{Beside, Pair, groups, launch};
use anyrt_core::{BlockOn, Config, Flavor, Launch};

use crate::native;

/// Starts the pair `key`, with `workers` threads where the program has the choice; `None` where it is none of tokio's.
pub fn start(key: &'static str, workers: usize) -> Option<Pair> {
    Some(match key {
        "tokio-multi-thread" => handle(key, multi_thread(workers)),
        "tokio-multi-thread+ambient" => ambient(key, multi_thread(workers)),
        "tokio-multi-thread+any" => any(key, multi_thread(workers)),
        "tokio-current-thread" => handle(key, current_thread()),
        "tokio-current-thread+ambient" => ambient(key, current_thread()),
        "tokio-current-thread+any" => any(key, current_thread()),
        "tokio-local" => Pair::local::<native::TokioLocal, anyrt_tokio::Local>(key),
        "tokio-multi-thread+structured" => structured(key, multi_thread(workers)),
        "tokio-current-thread+structured" => structured(key, current_thread()),
        _ => return None,
    })
}

/// Starts a runtime of `workers` threads.
pub fn multi_thread(workers: usize) -> Arc<anyrt_tokio::Owned> {
    launch(Config::new().worker_threads(workers))
}

/// Starts a runtime of one thread.
pub fn current_thread() -> Arc<anyrt_tokio::Owned> {
    launch(Config::new().flavor(Flavor::CurrentThread))
}

fn handle(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    let handle = owned.handle();
    let native = native::TokioHandle(handle.as_tokio().clone());
    Pair::new(key, native, Layer(handle), || OnTokio(owned.clone()))
}

fn ambient(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    let layer = Layer(anyrt_tokio::Ambient);
    Pair::new(key, native::Tokio, layer, || OnTokio(owned.clone()))
}

fn any(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    Pair::erased(key, owned.handle(), || OnTokio(owned.clone()))
}

fn structured(key: &'static str, owned: Arc<anyrt_tokio::Owned>) -> Pair {
    let handle = owned.handle();
    let tokio = handle.as_tokio().clone();
    let drive = || OnTokio(owned.clone());
    Pair {
        key,
        native: groups(native::TokioGroups(tokio.clone()), drive()),
        layer: groups(Layer(handle), drive()),
        beside: vec![Beside {
            name: "FuturesUnordered",
            operations: &[Operation::TaskGroup],
            way: groups(native::TokioUnordered(tokio), drive()),
        }],
    }
}

/// Drives a root as a task of tokio's.
#[derive(Debug)]
pub struct OnTokio(pub Arc<anyrt_tokio::Owned>);

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
