//! Runs a program on a runtime and notes what happens.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::{JoinHandle, MissedTick, RawTask, yield_now};
use pin_project_lite::pin_project;

use super::expected::{Seen, timeout};
use super::program::{End, Fate, Place, Program, Step, Task};
use super::world::{Dropping, Output, World};
use crate::kit::{pause, poll_once};
use crate::{Backend, Held, capability};

/// A limit that does not pass while a program runs.
const FAR: Duration = Duration::from_secs(3600);

/// Runs `program` on a fresh runtime of `backend`, on this thread.
pub(super) fn play(program: &Program, backend: &Backend, world: &World) {
    if backend.has(capability::Local) {
        local::play(program, &backend.start_local(), world);
    } else {
        shared::play(program, &backend.start_shared(), world);
    }
}

pin_project! {
    /// A future whose drop is noted, once it has been dropped.
    struct Noted<F> {
        #[pin]
        future: F,
        guard: Dropping,
    }
}

impl<F: Future> Future for Noted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

fn limit(millis: Option<u8>) -> Duration {
    millis.map_or(FAR, ms)
}

fn ms(millis: u8) -> Duration {
    Duration::from_millis(millis.into())
}

/// A closure of the blocking pool.
fn closure(world: &World, task: &Task) -> impl FnOnce() -> Output + Send + use<> {
    let (world, task) = (world.clone(), task.clone());
    let guard = world.future(task.id);
    move || {
        let _guard = guard;
        for step in &task.steps {
            if let Step::Sleep(millis) = step {
                pause(ms(*millis));
            }
        }
        if task.end == End::Panic {
            world.throw(task.id);
        }
        world.output(task.id)
    }
}

/// Both kinds of runtimes have the same methods, and differ in what is `Send`.
macro_rules! player {
    ($module:ident, $Rt:ty, $($send:ident)?) => {
        mod $module {
            use super::*;
            use crate::Started;

            type Work<'a, T> = Pin<Box<dyn Future<Output = T> $(+ $send)? + 'a>>;
            /// Without the type of the task, which says too much for the compiler to see that the futures below are `Send`.
            type Joined = JoinHandle<Box<dyn RawTask<Output = Output> $(+ $send)?>>;

            pub(super) fn play(program: &Program, rt: &Started<$Rt>, world: &World) {
                rt.block_on(async {
                    let handle = rt.handle();
                    steps(&handle, world, &program.root).await;
                    world.quiet().await;
                    world.gate.open();
                    world.over().await;
                });
            }

            fn steps<'a>(rt: &'a $Rt, world: &'a World, steps: &'a [Step]) -> Work<'a, ()> {
                Box::pin(async move {
                    for each in steps {
                        step(rt, world, each).await;
                    }
                })
            }

            async fn step(rt: &$Rt, world: &World, step: &Step) {
                match step {
                    Step::Yield => yield_now().await,
                    Step::Sleep(millis) => {
                        let due = rt.now() + ms(*millis);
                        rt.sleep(ms(*millis)).await;
                        world.never_early("a sleep", due, rt.now());
                    }
                    Step::Interval { period, ticks } => {
                        let (start, period) = (rt.now(), ms(*period));
                        let mut interval = rt.interval_at(start, period, MissedTick::Burst);
                        for tick in 0..u32::from(*ticks) {
                            let said = poll_fn(|cx| interval.as_mut().poll_tick(cx)).await;
                            let due = start + period * tick;
                            world.never_early("a tick", due, rt.now());
                            if said != due {
                                world.fault(format!("tick {tick} of an interval says that it was due at another time"));
                            }
                        }
                    }
                    Step::Timeout { limit: within, sleep } => {
                        let begun = rt.now();
                        let inner: Work<'static, ()> = match *sleep {
                            Some(millis) => Box::pin(rt.sleep(ms(millis))),
                            None => Box::pin(pending()),
                        };
                        let (seen, due) = match rt.timeout(limit(*within), inner).await {
                            Some(()) => (Seen::Value, sleep.map_or(FAR, ms)),
                            None => (Seen::Elapsed, limit(*within)),
                        };
                        world.never_early("a sleep or its time limit", begun + due, rt.now());
                        let allowed = timeout(*within, *sleep, world.is_virtual);
                        if !allowed.contains(&seen) {
                            world.fault(format!("a timeout of {within:?} ms around a sleep of {sleep:?} ms gave {seen:?}"));
                        }
                    }
                    Step::Spawn { on: Place::Executor, child, between, fate: Fate::SpawnDetached } => {
                        let work = body(rt, world, child);
                        rt.spawn_detached(Noted {
                            future: async { drop(work.await) },
                            guard: world.future(child.id),
                        });
                        steps(rt, world, between).await;
                    }
                    Step::Spawn { on, child, between, fate } => {
                        let task = start(rt, world, *on, child);
                        settle(rt, world, child.id, *on, between, *fate, task).await;
                    }
                }
            }

            fn start(rt: &$Rt, world: &World, on: Place, child: &Task) -> Joined {
                JoinHandle::new(match on {
                    Place::Executor => Box::new(Held::new(rt.spawn(Noted {
                        future: body(rt, world, child),
                        guard: world.future(child.id),
                    }))),
                    Place::Pool => Box::new(Held::new(rt.spawn_blocking(closure(world, child)))),
                })
            }

            fn body(rt: &$Rt, world: &World, task: &Task) -> Work<'static, Output> {
                let (rt, world, task) = (rt.clone(), world.clone(), task.clone());
                Box::pin(async move {
                    steps(&rt, &world, &task.steps).await;
                    match task.end {
                        End::Value => {}
                        End::Panic => world.throw(task.id),
                        End::Park => {
                            world.note(task.id, |it| it.parked = true);
                            world.gate.wait().await;
                        }
                    }
                    world.output(task.id)
                })
            }

            async fn settle(
                rt: &$Rt,
                world: &World,
                id: u32,
                on: Place,
                between: &[Step],
                fate: Fate,
                mut task: Joined,
            ) {
                let doom = || world.note(id, |it| it.doomed = on == Place::Executor);
                match fate {
                    Fate::AbortOnDrop => {
                        doom();
                        let _task = task.abort_on_drop();
                        return steps(rt, world, between).await;
                    }
                    Fate::Detach | Fate::SpawnDetached => {
                        task.detach();
                        return steps(rt, world, between).await;
                    }
                    _ => steps(rt, world, between).await,
                }
                world.note(id, |it| it.awaited = fate.joins());
                let end = match fate {
                    Fate::JoinFinished => {
                        while !task.is_finished() {
                            yield_now().await;
                        }
                        match poll_once(&mut task).await {
                            Poll::Ready(end) => end,
                            Poll::Pending => {
                                world.fault(format!("task {id} was finished and not ready to be joined"));
                                task.await
                            }
                        }
                    }
                    Fate::JoinWithin(within) => {
                        let due = rt.now() + limit(within);
                        let end = rt.timeout(limit(within), task).await;
                        if end.is_none() {
                            world.never_early("a time limit", due, rt.now());
                        }
                        return world.joined(id, end);
                    }
                    Fate::AbortFinished => {
                        while !task.is_finished() {
                            yield_now().await;
                        }
                        task.abort();
                        task.await
                    }
                    Fate::Abort => {
                        doom();
                        task.abort();
                        task.await
                    }
                    Fate::AbortByHandle => {
                        doom();
                        task.abort_handle().abort();
                        task.await
                    }
                    Fate::Cancel => {
                        doom();
                        task.cancel().await
                    }
                    Fate::Join => task.await,
                    Fate::Drop | Fate::Detach | Fate::SpawnDetached | Fate::AbortOnDrop => return,
                };
                world.joined(id, Some(end));
            }
        }
    };
}

player!(shared, crate::Shared, Send);
player!(local, crate::Local,);
