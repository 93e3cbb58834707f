//! Ordinary code, as applications write it, compiled with concrete types: a handle's type must not make a task that awaits it
//! fail with "implementation of `Send` is not general enough".
//!
//! One file for all adapters: include it with `#[path]` and call [`everyday!`] once per form of the runtime.

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
