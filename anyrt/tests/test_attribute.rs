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
