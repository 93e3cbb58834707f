//! `#[anyrt::test]`, used as its users use it.

use std::error::Error;
use std::rc::Rc;
use std::thread;

use anyrt::AnyRuntime;
use anyrt::prelude::*;

#[anyrt::test]
async fn works_without_a_parameter() {
    assert_eq!(
        anyrt::runtime().unwrap().spawn(async { 1 }).await.unwrap(),
        1
    );
}

#[anyrt::test]
async fn passes_the_handle(rt: impl Runtime) {
    assert_eq!(rt.spawn(async { 2 }).await.unwrap(), 2);
}

#[anyrt::test]
async fn passes_the_handle_erased(rt: AnyRuntime) -> Result<(), Box<dyn Error>> {
    assert_eq!(rt.spawn(async { 3 }).await?, 3);
    Ok(())
}

#[anyrt::test]
async fn runtime_is_the_tests_own(rt: impl Runtime + BlockOn) {
    let found = format!("{:?}", anyrt::runtime().unwrap());
    assert_eq!(found, format!("{:?}", AnyRuntime::new(rt)));
}

#[anyrt::test]
async fn blocks_on_the_tests_thread_and_need_not_be_send() {
    let test = Rc::new(thread::current().id());
    anyrt::yield_now().await;
    assert_eq!(*test, thread::current().id());
}

#[anyrt::test(local)]
async fn local_takes_local_futures(rt: impl LocalRuntime) {
    let word: Rc<str> = "moin".into();
    assert_eq!(rt.spawn_local(async move { word.len() }).await.unwrap(), 4);
}

/// Where a runtime can: on tokio, and in the simulation.
#[anyrt::test(tokio)]
async fn is_current_thread_unless_it_says_otherwise(rt: impl Runtime) {
    let task = rt.spawn(async { thread::current().id() });
    assert_eq!(task.await.unwrap(), thread::current().id());
}

#[anyrt::test(tokio, worker_threads = 2)]
async fn an_argument_asks_for_more_threads(rt: impl Runtime) {
    let task = rt.spawn(async { thread::current().id() });
    assert_ne!(task.await.unwrap(), thread::current().id());
}

/// Not a test of async-std and of the simulation, which have no such option: it would not be found there.
#[anyrt::test(worker_threads = 1)]
async fn an_option_leaves_out_what_lacks_it(rt: impl Runtime) {
    let name = format!("{rt:?}");
    assert!(
        name.starts_with("Tokio") || name.starts_with("Smol"),
        "{name}"
    );
}

#[anyrt::test(unheard_panics = "fail")]
#[should_panic(expected = "deliberate")]
async fn a_panic_that_nobody_hears_fails_the_test(rt: impl Runtime) {
    let mut task = rt.spawn(async {
        if true {
            panic!("deliberate");
        }
    });
    let end = task.abort_handle();
    drop(task);
    while !end.is_finished() {
        anyrt::yield_now().await;
    }
}

#[anyrt::test(unheard_panics = "fail")]
#[should_panic(expected = "deliberate")]
async fn a_handle_that_is_dropped_unjoined_does_not_hear_the_panic(rt: impl Runtime) {
    let task = rt.spawn_blocking(|| panic!("deliberate"));
    while !task.is_finished() {
        anyrt::yield_now().await;
    }
}

#[anyrt::test(unheard_panics = "fail")]
async fn a_panic_that_is_joined_is_heard(rt: impl Runtime) {
    let task = rt.spawn(async { panic!("deliberate") });
    assert!(task.await.unwrap_err().is_panic());
    let task = rt.spawn_blocking(|| panic!("deliberate"));
    assert!(task.await.unwrap_err().is_panic());
}

#[anyrt::test(local, unheard_panics = "fail")]
#[should_panic(expected = "deliberate")]
async fn a_local_panic_that_nobody_hears_fails_the_test(rt: impl LocalRuntime) {
    let mut task = rt.spawn_local(async {
        if true {
            panic!("deliberate");
        }
    });
    let end = task.abort_handle();
    drop(task);
    while !end.is_finished() {
        anyrt::yield_now().await;
    }
}

#[anyrt::test(local, unheard_panics = "fail")]
#[should_panic(expected = "deliberate")]
async fn a_closure_of_a_local_runtime_is_watched_as_well(_rt: impl LocalRuntime) {
    let rt = anyrt::AnyLocalRuntime::current();
    let task = rt.spawn_blocking(|| panic!("deliberate"));
    while !task.is_finished() {
        anyrt::yield_now().await;
    }
}

#[anyrt::test(local, unheard_panics = "fail")]
async fn a_local_panic_that_is_joined_is_heard(rt: impl LocalRuntime) {
    let task = rt.spawn_local(async { panic!("deliberate") });
    assert!(task.await.unwrap_err().is_panic());
}

#[anyrt::test(tokio, smol, worker_threads = 1, thread_name = "mine")]
async fn options_reach_the_runtime(rt: impl Runtime) {
    let name = rt.spawn(async { thread::current().name().map(str::to_owned) });
    assert!(name.await.unwrap().unwrap().starts_with("mine"));
}

#[anyrt::test]
#[should_panic(expected = "deliberate")]
async fn should_panic_is_kept() {
    panic!("deliberate");
}

#[anyrt::test]
#[cfg(any())]
async fn cfg_is_kept() {
    compile_error!("this is compiled out");
}

#[anyrt::test(tokio)]
async fn a_named_runtime_gives_its_own_handle(rt: anyrt::tokio::Tokio) {
    rt.spawn(async {}).await.unwrap();
}

#[anyrt::test]
async fn the_tests_runtime_is_the_current_one_without_its_type(rt: AnyRuntime) {
    let found = AnyRuntime::try_current().map(|it| format!("{it:?}"));
    assert_eq!(found.ok(), Some(format!("{rt:?}")));
    let task = rt.spawn(async { AnyRuntime::try_current().is_ok() });
    assert!(task.await.unwrap());
}

#[anyrt::test(local)]
async fn the_tests_local_runtime_is_the_current_one_without_its_type() {
    assert!(anyrt::AnyLocalRuntime::try_current().is_ok());
}

#[anyrt::test(unheard_panics = "fail")]
#[should_panic(expected = "nobody hears")]
async fn the_current_runtime_is_watched_as_well(_rt: AnyRuntime) {
    let rt = AnyRuntime::try_current().unwrap();
    let task = rt.spawn_blocking(|| panic!("nobody hears"));
    while !task.is_finished() {
        anyrt::yield_now().await;
    }
}
