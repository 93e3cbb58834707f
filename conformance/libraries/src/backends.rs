use std::future::Future;
use std::io;
use std::panic;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyrt_async_std::AsyncStd;
use anyrt_core::prelude::*;
use anyrt_core::{BlockOn, Config, Current, Flavor, LaunchError, LocalRuntime, ShareTimer};
use anyrt_net::AnyNet;
use anyrt_openraft::Erased;
use anyrt_quinn::{PlainQuinn, Quinn};
use anyrt_smol::Smol;

use crate::libraries::{dns, grpc, http, quic, raft};
use crate::load::Load;
use crate::spawner::{LocalSpawner, Spawner};

/// How long a runtime may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// One library on one backend.
pub(crate) struct Cell {
    pub(crate) library: &'static str,
    pub(crate) backend: &'static str,
    pub(crate) run: fn(usize, &Step) -> Result<(), Fault>,
}

/// Why a run is not as it should be.
#[derive(Debug)]
pub(crate) enum Fault {
    Wrong(String),
    /// A limit of real time was not kept: one of the library's own, or the grace of a shutdown.
    Late,
}

impl Cell {
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.library, self.backend)
    }
}

/// What a run does at the moment, for the one who watches it.
#[derive(Debug, Default)]
pub(crate) struct Step(Mutex<&'static str>);

impl Step {
    fn enter(&self, name: &'static str) {
        *self.0.lock().expect("nothing panics with it") = name;
    }

    pub(crate) fn name(&self) -> &'static str {
        *self.0.lock().expect("nothing panics with it")
    }
}

/// Every library on every backend that it can run on.
pub(crate) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut cell = |library, backend, run| {
        cells.push(Cell {
            library,
            backend,
            run,
        });
    };
    macro_rules! runtimes {
        ($library:literal, $module:ident, $start:ident) => {
            cell($library, "tokio-multi-thread", |run, step| {
                owned(tokio, same, $module::$start, run, step)
            });
            cell($library, "tokio-current-thread", |run, step| {
                owned(tokio_current_thread, same, $module::$start, run, step)
            });
            cell($library, "smol-owned", |run, step| {
                owned(smol, same, $module::$start, run, step)
            });
            cell($library, "smol-global", |run, step| {
                global(Smol::global(), $module::$start, run, step)
            });
            cell($library, "async-std-global", |run, step| {
                global(AsyncStd::global(), $module::$start, run, step)
            });
            cell($library, "any-tokio", |run, step| {
                owned(tokio, AnyNet::new, $module::$start, run, step)
            });
            cell($library, "any-smol", |run, step| {
                owned(smol, AnyNet::new, $module::$start, run, step)
            });
        };
    }
    macro_rules! local_runtimes {
        ($library:literal, $module:ident, $start:ident) => {
            cell($library, "tokio-local", |run, step| {
                local::<anyrt_tokio::Local>($module::$start, run, step)
            });
            cell($library, "smol-local", |run, step| {
                local::<anyrt_smol::Local>($module::$start, run, step)
            });
            cell($library, "async-std-local", |run, step| {
                local::<anyrt_async_std::Local>($module::$start, run, step)
            });
        };
    }
    runtimes!("hyper", http, start);
    local_runtimes!("hyper", http, start_local);
    runtimes!("tonic", grpc, start);
    local_runtimes!("tonic", grpc, start_local);
    cell("quinn", "tokio-multi-thread", |run, step| {
        owned(tokio, same, quic::start::<Quinn<_>>, run, step)
    });
    cell("quinn", "tokio-current-thread", |run, step| {
        let start = quic::start::<Quinn<_>>;
        owned(tokio_current_thread, same, start, run, step)
    });
    cell("quinn", "smol-owned", |run, step| {
        owned(smol, same, quic::start::<Quinn<_>>, run, step)
    });
    cell("quinn", "smol-global", |run, step| {
        global(Smol::global(), quic::start::<Quinn<_>>, run, step)
    });
    cell("quinn", "async-std-global", |run, step| {
        global(AsyncStd::global(), quic::start::<Quinn<_>>, run, step)
    });
    cell("quinn", "any-tokio", |run, step| {
        owned(tokio, AnyNet::new, quic::start::<PlainQuinn<_>>, run, step)
    });
    cell("quinn", "any-smol", |run, step| {
        owned(smol, AnyNet::new, quic::start::<PlainQuinn<_>>, run, step)
    });
    cell("hickory", "tokio-multi-thread", |run, step| {
        owned(tokio, same, dns::start, run, step)
    });
    cell("hickory", "tokio-current-thread", |run, step| {
        owned(tokio_current_thread, same, dns::start, run, step)
    });
    cell("hickory", "smol-owned", |run, step| {
        owned(smol, same, dns::start, run, step)
    });
    cell("hickory", "smol-global", |run, step| {
        global(Smol::global(), dns::start, run, step)
    });
    cell("hickory", "async-std-global", |run, step| {
        global(AsyncStd::global(), dns::start, run, step)
    });
    cell("hickory", "any-tokio", |run, step| {
        owned(tokio, AnyNet::new, dns::start_any, run, step)
    });
    cell("hickory", "any-smol", |run, step| {
        owned(smol, AnyNet::new, dns::start_any, run, step)
    });
    cell("openraft", "tokio-multi-thread", |_, step| {
        suite::<anyrt_tokio::Owned>(step)
    });
    cell("openraft", "tokio-current-thread", |_, step| {
        suite::<CurrentThread>(step)
    });
    cell("openraft", "smol-owned", |_, step| {
        suite::<anyrt_smol::Owned>(step)
    });
    cell("openraft", "smol-global", |_, step| {
        suite::<anyrt_smol::Global>(step)
    });
    cell("openraft", "async-std-global", |_, step| {
        suite::<anyrt_async_std::Global>(step)
    });
    cell("openraft", "any-tokio", |_, step| {
        suite::<Erased<anyrt_tokio::Owned>>(step)
    });
    cell("openraft", "any-smol", |_, step| {
        suite::<Erased<anyrt_smol::Owned>>(step)
    });
    cells
}

fn tokio() -> anyrt_tokio::Owned {
    Launch::launch(Config::new().worker_threads(2)).expect("it has all that it needs")
}

fn tokio_current_thread() -> anyrt_tokio::Owned {
    Launch::launch(Config::new().flavor(Flavor::CurrentThread)).expect("it has all that it needs")
}

fn smol() -> anyrt_smol::Owned {
    Launch::launch(Config::new().worker_threads(2)).expect("it has all that it needs")
}

fn same<R>(handle: R) -> R {
    handle
}

/// How much is done before a run is interrupted: not always the same.
fn target(run: usize) -> usize {
    20 + run * 7 % 60
}

/// Ends the runtime under load, by a drop and by a shutdown in turn.
fn owned<L, R>(
    launch: fn() -> L,
    wrap: fn(L::Handle) -> R,
    start: fn(&Spawner<R>) -> io::Result<()>,
    run: usize,
    step: &Step,
) -> Result<(), Fault>
where
    L: Launch + BlockOn,
    R: Runtime,
{
    let load = Load::default();
    let runtime = launch();
    let spawner = Spawner::new(wrap(runtime.handle()), load.clone());
    step.enter("working");
    let started = runtime.block_on(async {
        start(&spawner)?;
        load.reached(target(run)).await;
        io::Result::Ok(())
    });
    started.map_err(|error| Fault::Wrong(error.to_string()))?;
    let grace = end(runtime, run, step);
    verdict(&load, run, grace)
}

/// Aborts all tasks under load, since the runtime does not end.
fn global<R>(
    runtime: R,
    start: fn(&Spawner<R>) -> io::Result<()>,
    run: usize,
    step: &Step,
) -> Result<(), Fault>
where
    R: Runtime + BlockOn,
{
    let load = Load::default();
    let spawner = Spawner::keeping(runtime.clone(), load.clone());
    step.enter("working");
    let started = runtime.block_on(async {
        start(&spawner)?;
        load.reached(target(run)).await;
        step.enter("aborting");
        spawner.abort_all().await;
        io::Result::Ok(())
    });
    started.map_err(|error| Fault::Wrong(error.to_string()))?;
    verdict(&load, run, Grace::IsLeft)
}

/// [`owned`], for tasks that are not `Send`.
fn local<L>(
    start: fn(&LocalSpawner<L::Handle>) -> io::Result<()>,
    run: usize,
    step: &Step,
) -> Result<(), Fault>
where
    L: Launch + BlockOn,
    L::Handle: LocalRuntime + ShareTimer,
{
    let load = Load::default();
    let runtime = L::launch(Config::new()).expect("it has all that it needs");
    let spawner = LocalSpawner::new(runtime.handle(), load.clone());
    step.enter("working");
    let started = runtime.block_on(async {
        start(&spawner)?;
        load.reached(target(run)).await;
        io::Result::Ok(())
    });
    started.map_err(|error| Fault::Wrong(error.to_string()))?;
    let grace = end(runtime, run, step);
    verdict(&load, run, grace)
}

/// Whether a shutdown had used up its grace when it returned. Then its threads, which a busy machine has not run so far, still
/// drop tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grace {
    IsLeft,
    IsOver,
}

fn end<L: Launch>(runtime: L, run: usize, step: &Step) -> Grace {
    if run.is_multiple_of(2) {
        step.enter("dropping the runtime");
        drop(runtime);
        return Grace::IsLeft;
    }
    step.enter("shutting the runtime down");
    let begun = Instant::now();
    runtime.shutdown(GRACE);
    if begun.elapsed() < GRACE {
        Grace::IsLeft
    } else {
        Grace::IsOver
    }
}

fn verdict(load: &Load, run: usize, grace: Grace) -> Result<(), Fault> {
    if let Some(failure) = load.failure() {
        return Err(Fault::Wrong(failure));
    }
    if load.count() < target(run) {
        let done = load.count();
        return Err(Fault::Wrong(format!(
            "only {done} of {} were done",
            target(run)
        )));
    }
    match load.live() {
        0 => Ok(()),
        _ if grace == Grace::IsOver => {
            // If they never are, the one who watches this run calls it hung.
            while load.live() > 0 {
                thread::sleep(Duration::from_millis(1));
            }
            Err(Fault::Late)
        }
        left => Err(Fault::Wrong(format!("{left} tasks were not dropped"))),
    }
}

fn suite<L>(step: &Step) -> Result<(), Fault>
where
    L: Launch<Handle: Runtime + Current> + 'static,
{
    step.enter("in openraft's suite");
    let Err(payload) = panic::catch_unwind(raft::suite::<L>) else {
        return Ok(());
    };
    let text = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&str>() {
            Ok(text) => (*text).to_owned(),
            Err(payload) => panic::resume_unwind(payload),
        },
    };
    if RACES.iter().any(|race| text.starts_with(race)) {
        return Err(Fault::Late);
    }
    Err(Fault::Wrong(text))
}

/// What openraft's suite says where it is polled too late, as on a busy machine: a limit of 200 ms for a sleep of 50 ms, a sleep of
/// 10 ms that must not have passed when it is polled, nor one of a second that a timeout of 10 ms ends, a task's sleep of 50 ms that
/// must go on for 40 ms after the spawn, and a value that another task raises every 20 ms and that must be seen as 3.
const RACES: &[&str] = &[
    "assertion failed: matches!(poll, Poll::Pending)",
    "assertion failed: timeout_result.is_err()",
    "changed() returned too quickly (",
    "assertion failed: diff < Duration::",
    "assertion `left == right` failed\n  left: 4\n right: 3",
    "assertion `left == right` failed\n  left: 5\n right: 3",
];

/// tokio on the caller's thread.
#[derive(Debug)]
struct CurrentThread(anyrt_tokio::Owned);

impl Launch for CurrentThread {
    type Handle = anyrt_tokio::Tokio;

    fn launch(_: Config) -> Result<Self, LaunchError> {
        Launch::launch(Config::new().flavor(Flavor::CurrentThread)).map(Self)
    }

    fn handle(&self) -> Self::Handle {
        self.0.handle()
    }

    fn shutdown(self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

impl BlockOn for CurrentThread {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
