//! Wakes and wakers.

use std::task::{Context, Poll};

use super::slot::{InSlot, Slot};
use super::{Fault, Run, context, mutants};
use crate::BoxWork;
use crate::mutants::hooks::PollWork;
use crate::mutants::wrap::{Joined, Signals, TaskState};

mutants! {
    foreign_wakes_lost: "a task is not woken from outside tasks and block_on",
        killed by "wake::from_any_thread", "wake::storm_loses_nothing", "local::foreign_wakes_work",
            "local::polls_on_the_owner_thread"; {
        fn wake(&self, _: &Run, _: &Signals, wake: &dyn Fn()) {
            if context::is_inside() {
                wake();
            }
        }
    }

    self_wakes_poll_at_once: "a task that wakes itself is polled before every other",
        killed by "yield_now::lets_new_tasks_run", "yield_now::lets_timers_fire"; {
        fn wake(&self, _: &Run, signals: &Signals, wake: &dyn Fn()) {
            if !signals.is_polled() {
                wake();
            }
        }

        fn poll(&self, _: &Run, signals: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            loop {
                signals.take_wakes();
                let poll = poll(cx);
                if poll.is_ready() || signals.wakes() == 0 {
                    return poll;
                }
            }
        }
    }

    newest_first_beyond_thirty: "once thirty tasks were spawned, a task that wakes itself is polled before every other",
        killed by "yield_now::everyone_gets_a_turn"; {
        fn made(&self, task: &TaskState, _: &mut dyn Joined) {
            task.run.count();
        }

        fn wake(&self, run: &Run, signals: &Signals, wake: &dyn Fn()) {
            if run.counted() <= 30 || !signals.is_polled() {
                wake();
            }
        }

        fn poll(&self, run: &Run, signals: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            loop {
                signals.take_wakes();
                let poll = poll(cx);
                if poll.is_ready() || signals.wakes() == 0 || run.counted() <= 30 {
                    return poll;
                }
            }
        }
    }

    some_wakes_lost: "one wake of a task in ten is lost",
        killed by "stress::ping_pong_loses_nothing", "workload::actor", "workload::worker_pool",
            "workload::philosophers", "workload::pipeline", "workload::publish_and_subscribe",
            "workload::periodic_flush"; {
        fn wake(&self, _: &Run, signals: &Signals, wake: &dyn Fn()) {
            if signals.wakes() % 10 != 9 {
                wake();
            }
        }
    }

    wake_during_poll_lost: "a wake is lost while its task is polled",
        killed by "wake::during_poll_polls_again", "spawn::every_task_completes", "yield_now::is_pending_once",
            "yield_now::lets_tasks_run_from_the_root", "yield_now::ping_pong_does_not_starve",
            "yield_now::alternates", "local::progresses_while_block_on_waits", "stress::one_cpu_and_load"; {
        fn wake(&self, _: &Run, signals: &Signals, wake: &dyn Fn()) {
            if !signals.is_polled() {
                wake();
            }
        }
    }

    wake_polls_inline on Shared: "a wake polls the task inside the call",
        killed by "wake::never_blocks_or_polls_inline"; {
        fn work(&self, _: &Run, task: &TaskState, future: BoxWork) -> BoxWork {
            Box::pin(InSlot::new(Slot::of(task, future)).reached_by_wakers(true))
        }
    }

    waker_pins_future on Shared: "a waker keeps the future of a finished task",
        killed by "wake::kept_waker_frees_the_future"; {
        fn work(&self, _: &Run, task: &TaskState, future: BoxWork) -> BoxWork {
            let slot = Slot::of(task, future);
            Box::pin(InSlot::new(slot).pinned().reached_by_wakers(false))
        }
    }

    wakers_differ: "each poll has another waker",
        killed by "wake::will_wake_holds"; {
        fn changes_wakers(&self) -> bool {
            true
        }
    }

    wakes_count_twice: "each wake causes two polls",
        killed by "wake::many_wakes_are_merged", "wake::a_thousand_wakes_are_few_polls"; {
        fn poll(&self, _: &Run, signals: &Signals, cx: &mut Context<'_>, poll: PollWork<'_>) -> Poll<()> {
            for _ in 1..2 * signals.take_wakes() {
                if poll(cx).is_ready() {
                    return Poll::Ready(());
                }
            }
            poll(cx)
        }
    }

    wake_waits_for_the_poll: "a wake waits until its task is no longer polled",
        killed by "wake::returns_while_the_task_is_polled"; {
        fn wake(&self, _: &Run, signals: &Signals, wake: &dyn Fn()) {
            while signals.is_polled() && !context::is_inside() {
                std::thread::yield_now();
            }
            wake();
        }
    }
}
