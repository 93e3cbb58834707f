//! Everyday code under the attributes, on every runtime: it must compile, and it does what it says.

use std::error::Error;
use std::time::Duration;

use anyrt::prelude::*;

type BoxError = Box<dyn Error + Send + Sync>;

#[anyrt::test]
async fn a_task_spawns_and_awaits_a_task(rt: impl Runtime) {
    let outer = rt.clone().spawn(async move {
        let word = rt.spawn(async { "hi" }).await.unwrap();
        rt.sleep(Duration::from_nanos(1)).await;
        word
    });
    assert_eq!(outer.await.unwrap(), "hi");
}

#[anyrt::test]
async fn a_task_awaits_boxed_errors(rt: impl Runtime) -> Result<(), BoxError> {
    let outer = rt.clone().spawn(async move {
        let task = rt.spawn(async { Ok::<u32, BoxError>(1) });
        let limited = rt.timeout(Duration::from_secs(60), task).await??;
        let closure = rt.spawn_blocking(|| Ok::<u32, BoxError>(2)).await?;
        Ok::<u32, BoxError>(limited? + closure?)
    });
    assert_eq!(outer.await??, 3);
    Ok(())
}

#[anyrt::test]
async fn a_task_keeps_a_reference_across_an_await(rt: impl Runtime) {
    let outer = rt.clone().spawn(async move {
        let text = String::from("moin");
        let part = &text[1..];
        let guard = rt.spawn(async { "n" }).abort_on_drop();
        assert_eq!(guard.await.unwrap(), &part[2..]);
        part.len()
    });
    assert_eq!(outer.await.unwrap(), 3);
}

/// What a library writes, generic over the runtime.
async fn length<R: Runtime>(rt: &R) -> Result<usize, BoxError> {
    let text = rt.spawn(async { "text" }).await?;
    let task = rt.spawn(async { Ok::<&str, BoxError>("task") });
    let task = rt.timeout(Duration::from_secs(60), task).await???;
    let closure = rt.spawn_blocking(|| "closure").await?;
    Ok(text.len() + task.len() + closure.len())
}

#[anyrt::test]
async fn a_task_awaits_a_generic_async_fn(rt: impl Runtime) -> Result<(), BoxError> {
    assert_eq!(length(&rt).await?, 15);
    let outer = rt.clone().spawn(async move { length(&rt).await });
    assert_eq!(outer.await??, 15);
    Ok(())
}

#[anyrt::main(tokio)]
async fn generic_on_tokio(rt: anyrt::tokio::Tokio) -> Result<usize, BoxError> {
    length(&rt).await
}

#[anyrt::main(smol)]
async fn generic_on_smol(rt: anyrt::smol::Smol) -> Result<usize, BoxError> {
    length(&rt).await
}

#[anyrt::main(async_std)]
async fn generic_on_async_std(rt: anyrt::async_std::AsyncStd) -> Result<usize, BoxError> {
    length(&rt).await
}

#[anyrt::main]
async fn generic_without_a_type(rt: impl Runtime) -> Result<usize, BoxError> {
    length(&rt).await
}

#[test]
fn a_main_awaits_a_generic_async_fn() {
    for main in [
        generic_on_tokio,
        generic_on_smol,
        generic_on_async_std,
        generic_without_a_type,
    ] {
        assert_eq!(main().unwrap(), 15);
    }
}

#[cfg(feature = "structured")]
#[anyrt::test]
async fn a_task_has_a_group(rt: impl Runtime) {
    let outer = rt.clone().spawn(async move {
        let mut group = anyrt::structured::TaskGroup::new(rt);
        group.spawn(async { Ok::<u32, BoxError>(1) });
        let first = group.join_next().await;
        matches!(first, Some(Ok(Ok(1))))
    });
    assert!(outer.await.unwrap());
}

#[anyrt::main(smol)]
async fn on_smol(rt: anyrt::smol::Smol) -> &'static str {
    let inner = rt.clone();
    rt.spawn(async move { inner.spawn(async { "hi" }).await.unwrap() })
        .await
        .unwrap()
}

#[anyrt::main(async_std)]
async fn on_async_std(rt: anyrt::async_std::AsyncStd) -> Result<u32, BoxError> {
    let inner = rt.clone();
    rt.spawn(async move { inner.spawn(async { Ok::<u32, BoxError>(7) }).await? })
        .await?
}

#[test]
fn a_main_spawns_in_a_spawn() {
    assert_eq!(on_smol(), "hi");
    assert_eq!(on_async_std().unwrap(), 7);
}
