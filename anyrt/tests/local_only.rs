//! `#[anyrt::main]` and `#[anyrt::test]` on a runtime whose tasks are all local.

use std::rc::Rc;
use std::thread;
use std::time::Duration;

use anyrt::prelude::*;
use anyrt::{AnyLocalRuntime, AnyRuntime};

#[test]
fn main_takes_what_is_not_send() {
    #[anyrt::main(compio)]
    async fn start(rt: impl LocalRuntime) -> Rc<thread::ThreadId> {
        let here = Rc::new(thread::current().id());
        let task = rt.spawn_local(async move { here });
        rt.sleep(Duration::from_millis(1)).await;
        task.await.unwrap()
    }

    assert_eq!(*start(), thread::current().id());
}

#[test]
fn local_may_be_said() {
    #[anyrt::main(compio, local, flavor = "current_thread", shutdown_grace = "1ms")]
    async fn start(rt: anyrt::compio::LocalHandle) -> u32 {
        rt.spawn_local(async { 42 }).await.unwrap()
    }

    assert_eq!(start(), 42);
}

#[test]
fn the_runtime_is_the_current_local_one_and_no_shared_one() {
    #[anyrt::main(compio)]
    async fn start() -> (bool, bool, String) {
        let shared = anyrt::runtime().unwrap_err();
        (
            AnyLocalRuntime::try_current().is_ok(),
            AnyRuntime::try_current().is_ok(),
            shared.to_string(),
        )
    }

    let (local, shared, error) = start();
    assert!(local && !shared);
    assert_eq!(
        error,
        "no shared compio runtime where `anyrt::runtime` was called: its handles stay on their thread: ask \
         `AnyLocalRuntime::try_current`, or pass a handle in"
    );
}

#[test]
fn an_error_of_main_is_reported() {
    #[anyrt::main(compio)]
    async fn main() -> Result<(), Box<dyn std::error::Error>> {
        Err(std::io::Error::other("reported by main"))?;
        Ok(())
    }

    // An `ExitCode` cannot be compared.
    assert_eq!(
        format!("{:?}", main()),
        format!("{:?}", std::process::ExitCode::FAILURE)
    );
}

#[anyrt::test(compio)]
async fn a_test_takes_what_is_not_send(rt: impl LocalRuntime) {
    let word: Rc<str> = "moin".into();
    assert_eq!(rt.spawn_local(async move { word.len() }).await.unwrap(), 4);
}

#[anyrt::test(compio)]
async fn a_test_takes_the_runtimes_own_handle(rt: anyrt::compio::LocalHandle) {
    assert!(format!("{rt:?}").contains("LocalHandle"));
}

#[anyrt::test(tokio, compio)]
async fn without_a_handle_a_test_is_for_both_kinds() {
    anyrt::yield_now().await;
}

/// One test for each runtime that is compiled in.
#[anyrt::test(local)]
async fn a_local_test_is_for_all(rt: impl LocalRuntime) {
    assert_eq!(rt.spawn_local(async { 1 }).await.unwrap(), 1);
}

/// None for compio: this would not compile there.
#[anyrt::test]
async fn a_shared_test_leaves_it_out(rt: AnyRuntime) {
    assert_eq!(rt.spawn(async { 1 }).await.unwrap(), 1);
}

#[anyrt::test(compio, unheard_panics = "fail")]
#[should_panic(expected = "deliberate")]
async fn a_panic_that_nobody_hears_fails_the_test(rt: impl LocalRuntime) {
    let task = rt.spawn_blocking(|| panic!("deliberate"));
    while !task.is_finished() {
        anyrt::yield_now().await;
    }
}
