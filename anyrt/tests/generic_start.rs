//! A constructor that takes a number of threads, written once and run on every backend.

use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread::available_parallelism;
use std::time::Duration;

use anyrt::{Config, JoinError, Launch, LaunchError, Runtime, Spawn};

/// What a program keeps. Nothing in it names a runtime.
struct Adder<L> {
    rt: L,
}

impl<L: Launch<Handle: Runtime>> Adder<L> {
    fn new(threads: usize) -> Result<Self, LaunchError> {
        let config = Config::new().worker_threads_hint(threads);
        Ok(Self {
            rt: L::launch(config)?,
        })
    }

    fn add(&self, parts: Vec<Vec<u64>>) -> Result<u64, JoinError> {
        self.rt.run(add(self.rt.handle(), parts))
    }
}

async fn add<R: Runtime>(rt: R, parts: Vec<Vec<u64>>) -> Result<u64, JoinError> {
    let start = |part: Vec<u64>| rt.spawn(async move { part.iter().sum::<u64>() });
    let tasks: Vec<_> = parts.into_iter().map(start).collect();
    let mut total = 0;
    for task in tasks {
        total += task.await?;
    }
    Ok(total)
}

macro_rules! starts_on {
    ($($backend:ident: $launch:ty;)*) => {$(
        #[test]
        fn $backend() -> Result<(), Box<dyn std::error::Error>> {
            for threads in [0, 1, 3] {
                let adder = Adder::<$launch>::new(threads)?;
                assert_eq!(adder.add(vec![vec![1, 2], vec![], vec![39]])?, 42);
                adder.rt.shutdown(Duration::from_secs(5));
            }
            Ok(())
        }
    )*};
}

starts_on! {
    one_constructor_starts_tokio: anyrt::tokio::Owned;
    one_constructor_starts_smol: anyrt::smol::Owned;
    one_constructor_starts_smol_of_the_process: anyrt::smol::Global;
    one_constructor_starts_async_std_of_the_process: anyrt::async_std::Global;
    one_constructor_starts_the_simulation: anyrt::sim::Owned;
}

#[test]
fn runtimes_with_worker_threads_start_as_many_as_were_wished_for() -> Result<(), LaunchError> {
    all_poll_at_once::<anyrt::tokio::Owned>()?;
    all_poll_at_once::<anyrt::smol::Owned>()
}

/// Wishes for one thread more than there are processors, which is what a runtime takes that nobody asked.
fn all_poll_at_once<L: Launch<Handle: Runtime>>() -> Result<(), LaunchError> {
    let threads = available_parallelism().map_or(1, usize::from) + 1;
    let adder = Adder::<L>::new(threads)?;
    let (met, all) = (Arc::new(Barrier::new(threads)), channel());
    for _ in 0..threads {
        let (met, end) = (met.clone(), all.0.clone());
        adder.rt.handle().spawn_detached(async move {
            // Blocks its worker on purpose: they meet only if each task has a worker of its own.
            met.wait();
            end.send(()).ok();
        });
    }
    let in_time = (0..threads).all(|_| all.1.recv_timeout(Duration::from_secs(30)).is_ok());
    adder.rt.shutdown(Duration::ZERO);
    assert!(in_time, "fewer than {threads} threads poll tasks");
    Ok(())
}
