//! What applications write every day compiles with each handle, and runs.
//!
//! Inside a task that must be `Send` the compiler forgets that a lifetime in a type is `'static`. A future that holds what
//! demands `T: 'static` is then "not general enough" (ADR 0019). Generic code shows it only where it meets a concrete handle,
//! so each shape is compiled with each of them.

mod common;

use std::error::Error;
use std::time::Duration;

use anyrt_core::{AnyRuntime, Config, Runtime, prelude::*, yield_now};
use anyrt_structured::{
    Backoff, CancellationToken, Either, Instrumented, LocalTaskGroup, Semaphore, TaskGroup,
    TaskMap, TaskSet, TaskTracker, budgeted, for_each_concurrent, local_scope, race, retry, scope,
    select, try_local_scope, try_scope,
};
use futures::FutureExt;

use self::common::watched;

type BoxError = Box<dyn Error + Send + Sync>;

const LONG: Duration = Duration::from_secs(30);

/// What a library writes: `async fn`s that are generic over the runtime.
mod library {
    use super::*;

    pub(crate) async fn groups<R: Runtime>(rt: &R) -> Result<usize, BoxError> {
        let mut borrowed = TaskGroup::new(rt);
        borrowed.spawn(async { Ok::<&str, BoxError>("a") });
        borrowed.spawn_blocking(|| Err("b".into()));
        let mut length = 0;
        while let Some(ended) = borrowed.join_next().await {
            length += ended?.map_or(0, str::len);
        }
        let mut map = TaskMap::new(rt.clone());
        map.spawn("key", async { "value" });
        let (key, value) = map.join_next().await.ok_or("nothing")?;
        let mut set = TaskSet::new();
        set.insert("name", rt.spawn(async { Ok::<&str, BoxError>("text") }));
        let (name, text) = set.join_next().await.ok_or("nothing")?;
        let mut all = TaskGroup::new(rt);
        all.extend(["x", "y"].map(|text| async move { text }));
        let all = all.join_all().await;
        Ok(length + key.len() + value?.len() + name.len() + text??.len() + all.len())
    }

    pub(crate) async fn scopes<R: Runtime>(rt: &R) -> Result<&'static str, BoxError> {
        let inner = rt.clone();
        let text = scope(rt, |scope| async move {
            scope.spawn(async {});
            inner.spawn(async { "scoped" }).await
        })
        .await?;
        let tried = try_scope(rt, |scope| async move {
            scope.spawn_result(async { Ok::<(), BoxError>(()) });
            Ok::<&str, BoxError>(text)
        });
        let tried = rt.timeout(LONG, tried).await??;
        for_each_concurrent(rt, 2, ["a", "b"], |text| async move {
            assert_eq!(text.len(), 1);
        })
        .await?;
        Ok(tried)
    }

    pub(crate) async fn waits<R: Runtime>(rt: &R) -> Result<&'static str, BoxError> {
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let tracked = tracker.spawn(rt, async { "tracked" });
        let tracked = token
            .run_until_cancelled(tracked)
            .await
            .ok_or("cancelled")??;
        let first = select(rt.spawn(async { "left" }), rt.sleep(LONG)).await;
        assert!(matches!(first, Either::Left(Ok("left"))));
        assert_eq!(race([rt.spawn(async { "a" })]).await?, "a");
        let backoff = Backoff::constant(Duration::from_millis(1));
        let again = retry(rt, &backoff, || rt.spawn(async { "again" })).await?;
        assert_eq!(again, "again");
        let instrumented = Instrumented::new(rt.clone());
        assert_eq!(
            instrumented.spawn_named("n", async { "named" }).await?,
            "named"
        );
        assert!(tracker.shutdown(rt, LONG).await.is_clean());
        Ok(tracked)
    }
}

/// Compiles everyday code with a handle whose type is `$handle`, and runs each piece as a task of its own.
macro_rules! everyday {
    ($($runtime:ident: $handle:ty = $launch:expr;)+) => {$(
        mod $runtime {
            use super::*;

            fn run<F>(body: impl FnOnce($handle) -> F + Send + 'static)
            where
                F: Future<Output = Result<(), BoxError>> + Send + 'static,
            {
                watched(move || {
                    let (owned, handle): (_, $handle) = $launch;
                    // As a task, so that the future must be `Send`.
                    let driven = async move {
                        let body = body(handle.clone());
                        handle.spawn(body).await
                    };
                    owned.block_on(driven).unwrap().unwrap();
                });
            }

            #[test]
            fn a_task_awaits_its_tasks() {
                run(|rt| async move {
                    let text: &'static str = rt.spawn(async { "task" }).await?;
                    let number = rt.spawn(async { Ok::<u32, BoxError>(1) }).await??;
                    let closure = rt.spawn_blocking(|| Ok::<&str, BoxError>("closure")).await??;
                    let held = rt.timeout(LONG, rt.spawn(async { "held" })).await??;
                    let guarded = rt.spawn(async { "guarded" }).abort_on_drop().await?;
                    assert_eq!((text, number, closure), ("task", 1, "closure"));
                    assert_eq!((held, guarded), ("held", "guarded"));
                    Ok(())
                });
            }

            #[test]
            fn references_are_held_across_an_await() {
                run(|rt| async move {
                    let numbers = vec![1, 2, 3];
                    let (first, rest) = (&numbers[0], &numbers[1..]);
                    let mut group = TaskGroup::new(&rt);
                    for &number in rest {
                        group.spawn(async move { Ok::<i32, BoxError>(number) });
                    }
                    let joined = &mut group;
                    let mut sum = *first;
                    while let Some(number) = joined.join_next().await {
                        sum += number??;
                    }
                    assert_eq!((sum, first), (6, &1));
                    Ok(())
                });
            }

            #[test]
            fn groups() {
                run(|rt| async move {
                    let mut group = TaskGroup::new(rt.clone());
                    group.spawn(async { Ok::<&str, BoxError>("a") });
                    group.spawn_blocking(|| Err("b".into()));
                    let stop = group.spawn_abortable(std::future::pending());
                    assert!(group.try_join_next().is_none_or(|ended| ended.is_ok()));
                    stop.abort();
                    while let Some((_, ended)) = group.join_next_with_id().await {
                        if let Ok(Err(error)) = ended {
                            assert_eq!(error.to_string(), "b");
                        }
                    }
                    group.extend([async { Ok("c") }]);
                    let all = group.join_all().await;
                    assert_eq!(all.len(), 1);

                    let mut group = TaskGroup::new(rt);
                    group.spawn(std::future::pending::<Result<(), BoxError>>());
                    group.shutdown().await;
                    Ok(())
                });
            }

            #[test]
            fn maps() {
                run(|rt| async move {
                    let mut map = TaskMap::new(rt);
                    map.spawn("a", async { Ok::<&str, BoxError>("1") });
                    map.spawn_blocking("a", || Err("2".into()));
                    map.spawn("b", async { Ok("3") });
                    let (key, _) = map.join_next().await.ok_or("nothing")?;
                    assert!(["a", "b"].contains(&key));
                    assert_eq!(map.join_all().await.len(), 1);
                    Ok(())
                });
            }

            #[test]
            fn sets() {
                run(|rt| async move {
                    let mut set = TaskSet::new();
                    set.insert("a", rt.spawn(async { Ok::<u32, BoxError>(1) }));
                    set.insert("b", rt.spawn(async { Err("b".into()) }));
                    let (name, _) = set.join_next().await.ok_or("nothing")?;
                    assert!(["a", "b"].contains(&name));
                    let left = set.join_all().await;
                    assert_eq!(left.len(), 1);
                    Ok(())
                });
            }

            #[test]
            fn scopes() {
                run(|rt| async move {
                    let text = scope(&rt, |scope| async move {
                        let inner = scope.clone();
                        scope.spawn(async move {
                            inner.spawn(async {});
                            yield_now().await;
                        });
                        "text"
                    })
                    .await;
                    let failed: Result<&str, BoxError> = try_scope(&rt, |scope| async move {
                        scope.spawn(std::future::pending());
                        scope.spawn_blocking(|| Ok(()));
                        scope.spawn_result(async { Err("failed".into()) });
                        Ok(text)
                    })
                    .await;
                    assert_eq!(failed.unwrap_err().to_string(), "failed");
                    for_each_concurrent(&rt, 2, ["a", "b"], |text| async move {
                        assert_eq!(text.len(), 1);
                    })
                    .await?;
                    Ok(())
                });
            }

            #[test]
            fn trackers() {
                run(|rt| async move {
                    let tracker = TaskTracker::new();
                    let text = tracker.spawn(&rt, async { "text" }).await?;
                    let number = tracker.spawn_named(&rt, text, async { Ok::<u32, BoxError>(1) });
                    let closure = tracker.spawn_blocking_named(&rt, "closure", || "closure");
                    assert_eq!((number.await??, closure.await?), (1, "closure"));
                    tracker.track("apart", async { "apart" }).await;
                    let report = tracker.shutdown(&rt, LONG).await;
                    assert!(report.is_clean(), "{report}");
                    tracker.wait().await;
                    Ok(())
                });
            }

            #[test]
            fn loops_that_select() {
                run(|rt| async move {
                    let token = CancellationToken::new();
                    let mut group = TaskGroup::new(&rt);
                    group.spawn(async { Ok::<&str, BoxError>("worker") });
                    let mut task = rt.spawn(async { Ok::<&str, BoxError>("task") }).fuse();
                    let mut left = 2;
                    while left > 0 {
                        futures::select_biased! {
                            ended = task => {
                                assert_eq!(ended??, "task");
                                left -= 1;
                            }
                            ended = group.join_next().fuse() => match ended {
                                Some(ended) => {
                                    assert_eq!(ended??, "worker");
                                    left -= 1;
                                }
                                None => yield_now().await,
                            },
                            () = token.cancelled().fuse() => break,
                        }
                    }
                    let first = select(rt.spawn(async { "left" }), rt.sleep(LONG)).await;
                    assert!(matches!(first, Either::Left(Ok("left"))));
                    let first = race([rt.spawn(async { "a" }), rt.spawn(async { "a" })]).await?;
                    let stopped = token.run_until_cancelled(rt.spawn(async { "done" })).await;
                    assert_eq!((first, stopped.transpose()?), ("a", Some("done")));
                    Ok(())
                });
            }

            #[test]
            fn what_a_library_wrote_for_every_runtime() {
                run(|rt| async move {
                    assert_eq!(library::groups(&rt).await?, 19);
                    assert_eq!(library::scopes(&rt).await?, "scoped");
                    assert_eq!(library::waits(&rt).await?, "tracked");
                    Ok(())
                });
            }

            #[test]
            fn retries_and_limits() {
                run(|rt| async move {
                    let slots = Semaphore::new(1);
                    let backoff = Backoff::constant(Duration::from_millis(1));
                    let text = retry(&rt, &backoff, || async {
                        let _permit = slots.acquire().await;
                        rt.spawn(async { Ok::<&str, BoxError>("text") }).await?
                    })
                    .await?;
                    let items = budgeted(futures::stream::iter([text]), 2);
                    assert_eq!(futures::StreamExt::collect::<Vec<_>>(items).await, ["text"]);
                    Ok(())
                });
            }
        }
    )+};
}

fn tokio() -> anyrt_tokio::Owned {
    anyrt_tokio::Owned::launch(Config::new().worker_threads(2)).unwrap()
}

fn smol() -> anyrt_smol::Owned {
    anyrt_smol::Owned::launch(Config::new().worker_threads(2)).unwrap()
}

fn sim() -> anyrt_sim::Owned {
    anyrt_sim::Owned::launch(Config::new()).unwrap()
}

macro_rules! owned {
    ($owned:expr) => {{
        let owned = $owned;
        let handle = owned.handle();
        (owned, handle)
    }};
}

everyday! {
    tokio_handle: anyrt_tokio::Tokio = owned!(tokio());
    tokio_ambient: anyrt_tokio::Ambient = (tokio(), anyrt_tokio::Ambient);
    tokio_instrumented: Instrumented<anyrt_tokio::Tokio> = {
        let (owned, handle) = owned!(tokio());
        (owned, Instrumented::new(handle))
    };
    tokio_arc: std::sync::Arc<anyrt_tokio::Tokio> = {
        let (owned, handle) = owned!(tokio());
        (owned, std::sync::Arc::new(handle))
    };
    smol_global: anyrt_smol::Smol = (anyrt_smol::Smol::global(), anyrt_smol::Smol::global());
    smol_owned: anyrt_smol::Smol = owned!(smol());
    smol_ambient: anyrt_smol::Ambient = (smol(), anyrt_smol::Ambient);
    async_std: anyrt_async_std::AsyncStd =
        (anyrt_async_std::AsyncStd::global(), anyrt_async_std::AsyncStd::global());
    async_std_ambient: anyrt_async_std::Ambient =
        (anyrt_async_std::AsyncStd::global(), anyrt_async_std::Ambient);
    sim_handle: anyrt_sim::Sim = owned!(sim());
    sim_ambient: anyrt_sim::Ambient = (sim(), anyrt_sim::Ambient);
    any_tokio: AnyRuntime = {
        let (owned, handle) = owned!(tokio());
        (owned, AnyRuntime::new(handle))
    };
    any_smol: AnyRuntime = {
        let (owned, handle) = owned!(smol());
        (owned, AnyRuntime::new(handle))
    };
    any_sim: AnyRuntime = {
        let (owned, handle) = owned!(sim());
        (owned, AnyRuntime::new(handle))
    };
}

/// Compiles everyday code with the handle of a local runtime, whose type is `$handle`.
macro_rules! everyday_local {
    ($($runtime:ident: $handle:ty = $launch:expr;)+) => {$(
        #[test]
        fn $runtime() {
            watched(|| {
                let (owned, rt): (_, $handle) = owned!($launch);
                let body = {
                    let rt = rt.clone();
                    async move {
                        let text = rt.spawn_local(async { "text" }).await?;
                        let number = rt.spawn_local(async { Ok::<u32, BoxError>(1) }).await??;
                        let closure = rt.spawn_blocking(|| Ok::<u32, BoxError>(2)).await??;
                        let mut group = LocalTaskGroup::new(&rt);
                        group.spawn(async { Ok::<&str, BoxError>("a") });
                        group.spawn_named("b", async { Err("b".into()) });
                        let ended = group.join_next().await.ok_or("nothing")?;
                        assert!(ended.is_ok());
                        assert_eq!(group.join_all().await.len(), 1);
                        local_scope(&rt, |scope| async move { scope.spawn(async {}) }).await;
                        let failed: Result<(), BoxError> = try_local_scope(&rt, |scope| async move {
                            scope.spawn_result(async { Err("failed".into()) });
                            Ok(())
                        })
                        .await;
                        assert!(failed.is_err());
                        let tracker = TaskTracker::new();
                        let tracked = tracker.spawn_local_named(&rt, "tracked", async move { text });
                        let tracked = rt.timeout(LONG, tracked).await??;
                        assert!(tracker.shutdown(&rt, LONG).await.is_clean());
                        let first = select(rt.spawn_local(async { "left" }), rt.sleep(LONG)).await;
                        assert!(matches!(first, Either::Left(Ok("left"))));
                        assert_eq!((tracked, number, closure), ("text", 1, 2));
                        Ok::<(), BoxError>(())
                    }
                };
                owned.block_on(rt.spawn_local(body)).unwrap().unwrap();
            });
        }
    )+};
}

everyday_local! {
    tokio_local: anyrt_tokio::LocalHandle = anyrt_tokio::Local::launch(Config::new()).unwrap();
    smol_local: anyrt_smol::LocalHandle = anyrt_smol::Local::launch(Config::new()).unwrap();
    async_std_local: anyrt_async_std::LocalHandle =
        anyrt_async_std::Local::launch(Config::new()).unwrap();
    sim_local: anyrt_sim::Sim = sim();
}
