use std::future::{Future, pending};
use std::sync::Arc;
use std::thread;

use anyrt_benches_kit::layer::Layer;
use anyrt_benches_kit::measure::Drive;
use anyrt_benches_kit::pair::{Pair, driven, groups, launch};
use anyrt_core::{Config, Launch};
use anyrt_smol::Smol;
use async_executor::Executor;

use crate::native;

/// Starts the pair `key`, with `workers` threads where the program has the choice; `None` where it is none of smol's.
pub fn start(key: &'static str, workers: usize) -> Option<Pair> {
    Some(match key {
        "smol" => Pair::new(key, native::Smol, Layer(Smol::global()), || OnSmol),
        "smol+ambient" => Pair::new(key, native::Smol, Layer(anyrt_smol::Ambient), || OnSmol),
        "smol+any" => Pair::erased(key, Smol::global(), || OnSmol),
        "smol-owned" => owned(key, workers),
        "smol-owned+any" => owned_any(key, workers),
        "smol-local" => Pair::local::<native::SmolLocal, anyrt_smol::Local>(key),
        "smol+structured" => Pair {
            key,
            native: groups(native::SmolUnordered, OnSmol),
            layer: groups(Layer(Smol::global()), OnSmol),
            beside: Vec::new(),
        },
        _ => return None,
    })
}

fn owned(key: &'static str, workers: usize) -> Pair {
    let executor = start_executor(workers);
    let owned: Arc<anyrt_smol::Owned> = launch(Config::new().worker_threads(workers));
    Pair {
        key,
        native: driven(native::SmolOwned(executor.clone()), OnExecutor(executor)),
        layer: driven(Layer(owned.handle()), OnSmolOwned(owned)),
        beside: Vec::new(),
    }
}

fn owned_any(key: &'static str, workers: usize) -> Pair {
    let owned: Arc<anyrt_smol::Owned> = launch(Config::new().worker_threads(workers));
    Pair::erased(key, owned.handle(), || OnSmolOwned(owned.clone()))
}

/// Starts an executor with `workers` threads.
pub fn start_executor(workers: usize) -> Arc<Executor<'static>> {
    let executor = Arc::new(Executor::new());
    for _ in 0..workers {
        let executor = executor.clone();
        // They run until the process ends, as in many a program.
        thread::spawn(move || smol::block_on(executor.run(pending::<()>())));
    }
    executor
}

/// Drives a root as a task of smol's global executor.
#[derive(Debug)]
pub struct OnSmol;

impl Drive for OnSmol {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        smol::future::block_on(smol::spawn(root));
    }
}

/// Drives a root as a task of an executor that has threads already.
#[derive(Debug)]
pub struct OnExecutor(pub Arc<Executor<'static>>);

impl Drive for OnExecutor {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        smol::future::block_on(self.0.spawn(root));
    }
}

/// Drives a root as a task of anyrt's owned smol executor.
#[derive(Debug)]
pub struct OnSmolOwned(pub Arc<anyrt_smol::Owned>);

impl Drive for OnSmolOwned {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        let task = anyrt_core::Spawn::spawn(&self.0.handle(), root);
        smol::future::block_on(task).expect("a root does not panic");
    }
}
