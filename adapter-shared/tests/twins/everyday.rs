//! Ordinary code, as applications write it, compiled with concrete types: a handle's type must not make a task that awaits it
//! fail with "implementation of `Send` is not general enough".
//!
//! One file for all adapters: include it with `#[path]` and call [`everyday!`] once per form of the runtime.

use std::error::Error;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use anyrt_core::{JoinError, Runtime, Spawn};

type BoxError = Box<dyn Error + Send + Sync>;
const LONG: Duration = Duration::from_secs(30);

/// What a library writes: `async fn`s that are generic over the runtime, and hold handles across awaits.
pub(crate) mod library {
    use super::*;

    pub(crate) async fn joins<R: Runtime>(rt: &R, text: &str) -> Result<usize, BoxError> {
        let word: &'static str = rt.spawn(async { "task" }).await?;
        let owned = text.to_owned();
        let number = rt.spawn(async move { Ok::<usize, BoxError>(owned.parse()?) });
        let boxed: Box<dyn Fn(&str) -> usize + Send> =
            rt.spawn(async { Box::new(str::len) as _ }).await?;
        Ok(boxed(word) + number.await??)
    }

    pub(crate) async fn blocks<R: Runtime>(rt: &R) -> Result<usize, BoxError> {
        let word = rt.spawn_blocking(|| "closure").await?;
        let number = rt.spawn_blocking(|| "1".parse::<usize>().map_err(BoxError::from));
        Ok(word.len() + number.await??)
    }

    pub(crate) async fn limits<R: Runtime>(rt: &R) -> Result<usize, BoxError> {
        let mut task = rt.spawn(async { Ok::<&str, BoxError>("held") });
        let held = rt.timeout(LONG, &mut task).await???;
        let moved = rt.timeout(LONG, rt.spawn(async { "moved" })).await??;
        let closure = rt.timeout(LONG, rt.spawn_blocking(|| "closure")).await??;
        Ok(held.len() + moved.len() + closure.len())
    }

    pub(crate) async fn stops<R: Runtime>(rt: &R) -> Result<(), BoxError> {
        let guarded = rt.spawn(async { Ok::<&str, BoxError>("guarded") });
        assert_eq!(guarded.abort_on_drop().await??, "guarded");
        let mut stopped = rt.spawn(pending::<Result<(), BoxError>>());
        let stop = stopped.abort_handle();
        rt.spawn(async move { stop.abort() }).await?;
        stopped.abort();
        assert!(stopped.await.is_err_and(|error| error.is_cancelled()));
        let cancelled = rt.spawn(pending::<&'static str>()).cancel().await;
        assert!(cancelled.is_err_and(|error| error.is_cancelled()));
        let panicked = rt.spawn(async { "fine" }).join_or_panic().await;
        assert_eq!(panicked, "fine");
        let erased = rt.spawn(async { "erased" }).boxed();
        assert_eq!(erased.await?, "erased");
        Ok(())
    }

    pub(crate) async fn loops<R: Runtime>(rt: &R) -> Result<usize, BoxError> {
        let tasks = ["1", "2", "3"].map(|text| rt.spawn(async move { Ok::<_, BoxError>(text) }));
        let mut length = 0;
        for task in tasks {
            length += task.await??.len();
        }
        let mut last = rt.spawn(async { "last" });
        let mut ticks = pin!(rt.interval(Duration::from_millis(1)));
        loop {
            let either = poll_fn(|cx| match Pin::new(&mut last).poll(cx) {
                Poll::Ready(end) => Poll::Ready(Some(end)),
                Poll::Pending => ticks.as_mut().poll_tick(cx).map(|_| None),
            });
            if let Some(end) = either.await {
                return Ok(length + end?.len());
            }
        }
    }

    pub(crate) async fn spawns_itself<R: Runtime>(rt: &R) -> Result<&'static str, JoinError> {
        let inner = rt.clone();
        let outer = rt.spawn(async move {
            let here = joins(&inner, "1").await.is_ok();
            assert!(here, "not everything was joined");
            inner.spawn(async { "deep" }).await
        });
        outer.await?
    }

    /// A service keeps its handles in a struct, with the task as a projection.
    pub(crate) struct Service<R: Runtime> {
        rt: R,
        task: anyrt_core::JoinHandle<<R as Spawn>::Task<Result<&'static str, BoxError>>>,
    }

    impl<R: Runtime> Service<R> {
        pub(crate) async fn start(rt: &R) -> Self {
            rt.sleep(Duration::ZERO).await;
            Self {
                task: rt.spawn(async { Ok("service") }),
                rt: rt.clone(),
            }
        }

        pub(crate) async fn stop(&mut self) -> Result<&'static str, BoxError> {
            self.rt.sleep(Duration::ZERO).await;
            (&mut self.task).await?
        }
    }

    pub(crate) async fn all<R: Runtime>(rt: &R) -> Result<(), BoxError> {
        assert_eq!(joins(rt, "41").await?, 45);
        assert_eq!(blocks(rt).await?, 8);
        assert_eq!(limits(rt).await?, 16);
        stops(rt).await?;
        assert_eq!(loops(rt).await?, 7);
        assert_eq!(spawns_itself(rt).await?, "deep");
        let mut service = Service::start(rt).await;
        assert_eq!(service.stop().await?, "service");
        Ok(())
    }
}

/// Makes a module of tests named `$name`, in which each shape is spawned on `$handle`, an expression of the type `$type`.
macro_rules! everyday {
    ($name:ident, $type:ty, $handle:expr) => {
        mod $name {
            use std::error::Error;
            use std::future::poll_fn;
            use std::pin::{Pin, pin};
            use std::task::Poll;
            use std::time::Duration;

            #[allow(unused_imports, reason = "not every form has every type in scope")]
            use super::*;
            use anyrt_core::prelude::*;

            type BoxError = Box<dyn Error + Send + Sync>;
            const LONG: Duration = Duration::from_secs(30);

            fn on<F>(test: impl FnOnce($type) -> F)
            where
                F: Future<Output = ()> + Send + 'static,
            {
                let rt = $handle;
                let task = rt.spawn(test(rt.clone()));
                rt.block_on(task).unwrap();
            }

            async fn parse(text: &str) -> Result<u32, BoxError> {
                Ok(text.parse()?)
            }

            #[test]
            fn a_task_awaits_a_text() {
                on(|rt| async move {
                    assert_eq!(rt.spawn(async { "hi" }).await.unwrap(), "hi");
                });
            }

            #[test]
            fn a_task_awaits_a_boxed_error() {
                on(|rt| async move {
                    let task = rt.spawn(async { parse("41").await });
                    assert_eq!(task.await.unwrap().unwrap(), 41);
                    let error = rt.spawn(async { parse("x").await }).await.unwrap();
                    assert!(error.is_err());
                });
            }

            #[test]
            fn a_task_awaits_a_borrowing_type() {
                on(|rt| async move {
                    let words: std::borrow::Cow<'static, [&'static str]> =
                        rt.spawn(async { vec!["a", "b"].into() }).await.unwrap();
                    let boxed: Box<dyn Fn(&str) -> usize + Send> =
                        rt.spawn(async { Box::new(str::len) as _ }).await.unwrap();
                    assert_eq!(words.iter().map(|word| boxed(word)).sum::<usize>(), 2);
                });
            }

            #[test]
            fn a_reference_is_held_across_a_join() {
                on(|rt| async move {
                    let text = String::from("held");
                    let part = &text[1..];
                    let task = rt.spawn(async { "x" });
                    let joined = task.await.unwrap();
                    assert_eq!((part, joined), ("eld", "x"));
                });
            }

            #[test]
            fn a_task_takes_handles_in_a_loop() {
                on(|rt| async move {
                    let mut tasks: Vec<_> = ["1", "2", "3"]
                        .map(|text| rt.spawn(async move { parse(text).await }))
                        .into();
                    let mut sum = 0;
                    for task in &mut tasks {
                        sum += task.await.unwrap().unwrap();
                    }
                    assert_eq!(sum, 6);
                });
            }

            #[test]
            fn a_closure_yields_a_text_and_a_boxed_error() {
                on(|rt| async move {
                    assert_eq!(rt.spawn_blocking(|| "hi").await.unwrap(), "hi");
                    let end = rt.spawn_blocking(|| "x".parse::<u32>().map_err(BoxError::from));
                    assert!(end.await.unwrap().is_err());
                });
            }

            #[test]
            fn a_handle_has_a_timeout() {
                on(|rt| async move {
                    let end = rt.timeout(LONG, rt.spawn(async { "hi" })).await;
                    assert_eq!(end.unwrap().unwrap(), "hi");
                    let mut task = rt.spawn(async { parse("1").await });
                    let end = rt.timeout(LONG, &mut task).await.unwrap();
                    assert_eq!(end.unwrap().unwrap(), 1);
                    let end = rt.timeout(LONG, rt.spawn_blocking(|| "hi")).await;
                    assert_eq!(end.unwrap().unwrap(), "hi");
                });
            }

            #[test]
            fn a_handle_aborts_on_drop() {
                on(|rt| async move {
                    let task = rt.spawn(async { parse("1").await }).abort_on_drop();
                    assert_eq!(task.await.unwrap().unwrap(), 1);
                    drop(
                        rt.spawn(std::future::pending::<&'static str>())
                            .abort_on_drop(),
                    );
                });
            }

            #[test]
            fn a_task_aborts_another() {
                on(|rt| async move {
                    let mut task = rt.spawn(std::future::pending::<Result<(), BoxError>>());
                    let abort = task.abort_handle();
                    rt.spawn(async move { abort.abort() }).await.unwrap();
                    task.abort();
                    assert!(task.await.unwrap_err().is_cancelled());
                    let task = rt.spawn(std::future::pending::<&'static str>());
                    assert!(task.cancel().await.unwrap_err().is_cancelled());
                });
            }

            #[test]
            fn a_select_loop_waits_for_a_handle_and_a_clock() {
                on(|rt| async move {
                    let mut task = rt.spawn(async { parse("7").await });
                    let mut ticks = pin!(rt.interval(Duration::from_millis(1)));
                    let end = loop {
                        let either = poll_fn(|cx| {
                            if let Poll::Ready(end) = Pin::new(&mut task).poll(cx) {
                                return Poll::Ready(Some(end));
                            }
                            ticks.as_mut().poll_tick(cx).map(|_| None)
                        });
                        if let Some(end) = either.await {
                            break end;
                        }
                    };
                    assert_eq!(end.unwrap().unwrap(), 7);
                });
            }

            #[test]
            fn a_task_in_a_task_in_a_task() {
                on(|rt| async move {
                    let outer = rt.clone();
                    let task = rt.spawn(async move {
                        let inner = outer.clone();
                        let task = outer.spawn(async move { inner.spawn(async { "deep" }).await });
                        task.await?
                    });
                    assert_eq!(task.await.unwrap().unwrap(), "deep");
                });
            }

            #[test]
            fn a_task_awaits_what_a_library_wrote_for_every_runtime() {
                on(|rt| async move {
                    shapes::library::all(&rt).await.unwrap();
                    let inner = rt.clone();
                    let again = rt.spawn(async move { shapes::library::all(&inner).await });
                    again.await.unwrap().unwrap();
                });
            }

            #[test]
            fn a_struct_keeps_a_handle() {
                struct Service {
                    rt: $type,
                    task: Option<
                        anyrt_core::JoinHandle<<$type as Spawn>::Task<Result<u32, BoxError>>>,
                    >,
                }
                impl Service {
                    async fn stop(&mut self) -> Option<u32> {
                        let task = self.task.take()?;
                        self.rt.sleep(Duration::ZERO).await;
                        task.await.ok()?.ok()
                    }
                }
                on(|rt| async move {
                    let task = Some(rt.spawn(async { parse("3").await }));
                    let mut service = Service { rt, task };
                    assert_eq!(service.stop().await, Some(3));
                });
            }
        }
    };
}
