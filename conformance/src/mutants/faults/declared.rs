//! What a backend declares, and where its runtime is found.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use anyrt_core::{AnyTimer, Instant, NoRuntime, Timer};

use super::{Fault, Run, context, hang, mutants};
use crate::HOUR;
use crate::backends::{BlocksByHandle, SharesTimer};
use crate::kit::{OnDrop, park_on};
use crate::mutants::wrap;
use crate::{AtShutdown, Backend, Started};

thread_local! {
    /// Crashes the process when the thread ends.
    static CRASH: OnDrop<fn()> = const { OnDrop(|| std::process::abort()) };
}

/// Finds nothing once a `block_on` inside another one has ended.
fn outermost<H>(found: Result<H, NoRuntime>) -> Result<H, NoRuntime> {
    if context::inner_has_ended() {
        return Err(NoRuntime::new("broken", "try_current", "pass a handle in"));
    }
    found
}

/// The handle of a runtime that never ends.
fn another<H: Clone>(started: Started<H>) -> H {
    let handle = started.handle();
    std::mem::forget(started);
    handle
}

/// How the runtime under `shared_timer_is_ahead` shares its timer.
static SOUND: OnceLock<SharesTimer> = OnceLock::new();

/// A timer whose clock is ahead.
#[derive(Debug)]
struct Ahead(AnyTimer);

impl Timer for Ahead {
    type Sleep = <AnyTimer as Timer>::Sleep;

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        self.0.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.0.now() + HOUR
    }
}

mutants! {
    aborts_at_exit: "the process crashes when it leaves main",
        killed by "shutdown::leaving_main_is_clean"; {
        fn start(&self) {
            CRASH.with(|_| {});
        }
    }

    ambient_wins on Shared: "a handle starts its work on the runtime that the caller runs on",
        killed by "right_runtime::handle_beats_the_ambient", "right_runtime::survives_the_other_shutdown",
            "right_runtime::armed_under_another_stays_its_own"; {
        fn is_ambient(&self) -> bool {
            true
        }
    }

    background_untrue: "what is said about progress in the background is untrue",
        killed by "shutdown::background_progress_is_as_declared"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.claims(|claims| claims.background = !claims.background)
        }
    }

    blocking_policy_untrue: "what is said about closures at the shutdown is untrue",
        killed by "blocking::shutdown_policy_is_as_declared"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.claims(|claims| {
                claims.blocking_at_shutdown = match claims.blocking_at_shutdown {
                    AtShutdown::Waits => AtShutdown::Leaves,
                    AtShutdown::Leaves | AtShutdown::NoneRuns => AtShutdown::Waits,
                }
            })
        }
    }

    claims_untrue: "what is claimed about threads, blocking and time is untrue",
        killed by "block_on::nested_drives_tasks_and_timers", "block_on::foreign_block_on_fires_sleeps",
            "sleep::works_without_a_runtime", "sleep::shares_the_virtual_clock", "spawn::moves_data_between_threads",
            "stress::blocked_task_does_not_stop_the_runtime"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.claims(|claims| {
                claims.multi_thread = !claims.multi_thread;
                claims.nested_block_on = !claims.nested_block_on;
                claims.foreign_block_on = !claims.foreign_block_on;
                claims.global_timer = !claims.global_timer;
                claims.virtual_time = !claims.virtual_time;
            })
        }
    }

    current_untrue: "what is said about where the runtime is found is untrue",
        killed by "right_runtime::missing_runtime_is_an_error", "spawn::fails_loudly_without_a_runtime"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.claims(|claims| claims.always_current = !claims.always_current)
        }
    }

    hidden_thread: "the runtime starts a thread of which nobody knows",
        killed by "right_runtime::starts_only_documented_threads", "shutdown::leaves_no_thread"; {
        fn start(&self) {
            let hidden = thread::Builder::new().name("hidden".to_owned());
            let started = hidden.spawn(|| hang());
            started.expect("the system gives a thread");
        }
    }

    inner_scope_stays: "after a block_on inside another one nothing is found",
        killed by "right_runtime::nested_block_on_gives_the_outer_back"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_current(|_, found| outermost(found), |_, found| outermost(found))
        }
    }

    lookup_finds_another: "code that looks its runtime up finds another one",
        killed by "right_runtime::looked_up_is_the_one_around",
            "right_runtime::nested_block_on_gives_the_outer_back"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_current(
                |backend, found| found.map(|_| another(backend.start_shared())),
                |backend, found| found.map(|_| another(backend.start_local())),
            )
        }
    }

    one_runtime_only on Shared: "only the first runtime of a process runs tasks",
        killed by "shutdown::a_second_runtime_works", "right_runtime::two_runtimes_side_by_side"; {
        fn work(&self, run: &Run, _: &wrap::TaskState, future: crate::BoxWork) -> crate::BoxWork {
            if run.is_first() {
                future
            } else {
                Box::pin(std::future::pending())
            }
        }
    }

    handle_blocks_nowhere on Local: "blocking through the handle of a local runtime drives nothing",
        killed by "local::handle_blocks_in_its_scope"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.extended(BlocksByHandle(|_, future| park_on(future)))
        }
    }

    shared_timer_is_ahead on Local: "the timer that a local runtime shares is an hour ahead",
        killed by "local::shared_timer_is_the_runtimes"; {
        fn backend(&self, backend: Backend) -> Backend {
            let Some(&shares) = backend.extension::<SharesTimer>() else {
                return backend;
            };
            SOUND.get_or_init(|| shares);
            backend.extended(SharesTimer(|rt| {
                let sound = SOUND.get().expect("set above").0;
                AnyTimer::new(Ahead(sound(rt)))
            }))
        }
    }
}
