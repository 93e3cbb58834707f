/// Implements the operations on an executor of smol's that the program holds: those of one thread and of many have the same methods.
macro_rules! on_executor {
    ($work:ident for $executor:ty) => {
        impl $work for $executor {
            async fn spawn_join(&self, times: usize) {
                for i in 0..times {
                    black_box(self.0.spawn(async move { i }).await);
                }
            }

            async fn batch(&self, times: usize) {
                let mut tasks = Vec::with_capacity(BATCH);
                for _ in 0..times / BATCH {
                    for i in 0..BATCH {
                        tasks.push(self.0.spawn(async move { i }));
                    }
                    for task in tasks.drain(..) {
                        black_box(task.await);
                    }
                }
            }

            async fn detach(&self, times: usize) {
                restart_count();
                for round in 1..=times / BATCH {
                    for _ in 0..BATCH {
                        self.0.spawn(count_one()).detach();
                    }
                    until_ran(round * BATCH).await;
                }
            }

            async fn sleep_made(&self, times: usize) {
                smol::sleep_made(times);
            }

            async fn sleep_polled(&self, times: usize) {
                smol::sleep_polled(times).await;
            }

            async fn timeout_ready(&self, times: usize) {
                smol::timeout_ready(times).await;
            }

            async fn timeout_pending(&self, times: usize) {
                smol::timeout_pending(times).await;
            }

            async fn interval_tick(&self, times: usize) {
                smol::interval_tick(times).await;
            }

            async fn blocking(&self, times: usize) {
                smol::blocking(times).await;
            }

            fn block_on(&self, times: usize) {
                for i in 0..times {
                    black_box(::smol::block_on(self.0.run(async { i })));
                }
            }

            async fn abort_join(&self, times: usize) {
                for _ in 0..times {
                    let task = self.0.spawn(pending::<()>());
                    assert!(task.cancel().await.is_none());
                }
            }

            async fn panic_join(&self, times: usize) {
                for _ in 0..times {
                    let task = self.0.spawn(async { panic_any(PAYLOAD) });
                    let payload: Result<(), _> = AssertUnwindSafe(task).catch_unwind().await;
                    black_box(payload.unwrap_err());
                }
            }
        }
    };
}

pub(super) use on_executor;
