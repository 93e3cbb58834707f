//! `#[anyrt::main]` on functions that are not called `main`; what it passes in, and what it lets out.

use std::io;
use std::rc::Rc;
use std::thread;

use anyrt::AnyRuntime;
use anyrt::prelude::*;

#[test]
fn runs_the_function_as_a_task() {
    /// Documentation, attributes and visibility stay.
    #[anyrt::main(tokio, worker_threads = 1, thread_name = "app")]
    #[must_use]
    pub(crate) async fn start() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }

    assert_eq!(start().as_deref(), Some("app"));
}

#[test]
fn local_runs_on_the_calling_thread_and_need_not_be_send() {
    #[anyrt::main(tokio, local)]
    async fn start(rt: anyrt::tokio::LocalHandle) -> Rc<thread::ThreadId> {
        let here = Rc::new(thread::current().id());
        rt.spawn_local(async move { here }).await.unwrap()
    }

    assert_eq!(*start(), thread::current().id());
}

#[test]
fn current_thread_flavor_polls_on_the_calling_thread() {
    #[anyrt::main(tokio, flavor = "current_thread")]
    async fn start() -> thread::ThreadId {
        thread::current().id()
    }

    assert_eq!(start(), thread::current().id());
}

#[test]
fn passes_every_kind_of_handle() {
    #[anyrt::main(tokio)]
    async fn own(rt: anyrt::tokio::Tokio) -> u32 {
        rt.spawn(async { 1 }).await.unwrap()
    }

    #[anyrt::main(tokio)]
    async fn generic(rt: impl Runtime) -> u32 {
        rt.spawn(async { 2 }).await.unwrap()
    }

    #[anyrt::main(tokio)]
    async fn erased(rt: AnyRuntime) -> u32 {
        rt.spawn(async { 3 }).await.unwrap()
    }

    #[anyrt::main(tokio)]
    async fn erased_and_mutable(mut rt: AnyRuntime) -> u32 {
        rt = rt.clone();
        rt.spawn(async { 4 }).await.unwrap()
    }

    assert_eq!(
        [own(), generic(), erased(), erased_and_mutable()],
        [1, 2, 3, 4]
    );
}

#[test]
fn question_mark_works_with_an_error_that_is_not_send() {
    #[anyrt::main(tokio)]
    async fn main() -> Result<(), Box<dyn std::error::Error>> {
        anyrt::runtime()?.spawn(async {}).await?;
        Err(io::Error::other("reported by main"))?;
        Ok(())
    }

    // An `ExitCode` cannot be compared.
    assert_eq!(
        format!("{:?}", main()),
        format!("{:?}", std::process::ExitCode::FAILURE)
    );
}

#[test]
#[should_panic(expected = "deliberate")]
fn a_panic_passes_through() {
    #[anyrt::main(tokio)]
    async fn start() {
        panic!("deliberate");
    }

    start();
}

/// A warning would be an error here.
#[test]
fn a_main_that_never_returns_gives_no_warning() {
    #![deny(warnings)]

    #[anyrt::main(tokio)]
    async fn main(rt: impl Runtime) -> ! {
        loop {
            rt.sleep(std::time::Duration::from_secs(3600)).await;
        }
    }

    #[anyrt::main(tokio)]
    async fn start() -> ! {
        panic!("deliberate")
    }

    assert!(std::panic::catch_unwind(|| start()).is_err());
}

/// A closure that never ends would hold a tokio runtime up for ever.
#[test]
fn the_grace_limits_the_wait_for_closures() {
    #[anyrt::main(tokio, shutdown_grace = "1ms")]
    async fn start(rt: impl Runtime) -> std::sync::mpsc::Sender<()> {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (started, starts) = std::sync::mpsc::channel();
        rt.spawn_blocking(move || {
            started.send(()).unwrap();
            released.recv().ok();
        })
        .detach();
        starts.recv().unwrap();
        release
    }

    // It returns although the closure waits for what is returned.
    drop(start());
}

#[test]
#[should_panic(expected = "worker_threads")]
fn an_option_that_cannot_be_honoured_is_refused() {
    #[anyrt::main(tokio, flavor = "current_thread", worker_threads = 2)]
    async fn start() {}

    start();
}

#[test]
fn a_main_whose_option_cannot_be_honoured_ends_with_status_2() {
    #[anyrt::main(tokio, flavor = "current_thread", worker_threads = 2)]
    async fn main() {
        unreachable!("it is not started");
    }

    // An `ExitCode` cannot be compared.
    assert_eq!(
        format!("{:?}", main()),
        format!("{:?}", std::process::ExitCode::from(2))
    );
}

#[test]
fn every_option_reaches_the_runtime() {
    #[anyrt::main(
        tokio,
        flavor = "multi_thread",
        worker_threads = 1,
        thread_name = "app",
        thread_stack_size = 1_048_576,
        max_blocking_threads = 2,
        thread_keep_alive = "500ms",
        event_interval = 61,
        global_queue_interval = 31,
        max_io_events_per_tick = 256,
        worker_threads_hint = 7,
        shutdown_grace = "1.5s",
        crate = "anyrt"
    )]
    async fn start() -> u32 {
        42
    }

    assert_eq!(start(), 42);
}

#[test]
fn the_runtime_is_the_current_one_without_its_type() {
    async fn found() -> bool {
        AnyRuntime::try_current().is_ok()
    }

    #[anyrt::main(tokio)]
    async fn start(rt: AnyRuntime) -> (bool, bool) {
        (found().await, rt.spawn(found()).await.unwrap())
    }

    #[anyrt::main(smol, local)]
    async fn local() -> bool {
        anyrt::AnyLocalRuntime::try_current().is_ok()
    }

    assert_eq!(start(), (true, true));
    assert!(local());
    assert!(AnyRuntime::try_current().is_err(), "nothing runs here");
}
