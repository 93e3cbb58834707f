//! Races: what several threads do to a runtime at once, in orders that a seed chooses.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::Handle;
use crate::kit::{Count, Gate, Holding, Random, eventually, park_on, scaled, step};
use anyrt_conformance_engine::rules;

const GRACE: Duration = Duration::from_secs(10);

/// How many threads act on one runtime.
const THREADS: u64 = 3;

/// How many acts each of them makes.
const ACTS: u64 = 24;

/// What the threads of one round share: the wakers that parked tasks left, handles that nobody has taken yet, and what is counted.
#[derive(Clone, Default)]
struct Round {
    wakers: Arc<Mutex<Vec<Waker>>>,
    handles: Arc<Mutex<Vec<Handle<()>>>>,
    spawned: Count,
    dropped: Count,
}

impl Round {
    /// A task that parks `parks` times, leaving its waker where every thread finds it, and ends then.
    fn spawn(&self, rt: &crate::Shared, parks: u64) {
        let (wakers, mut left) = (self.wakers.clone(), parks);
        let future = poll_fn(move |cx| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            let waker = cx.waker().clone();
            wakers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(waker);
            Poll::Pending
        });
        self.spawned.add();
        let task = rt.spawn(Holding::new(self.dropped.guard(), future));
        self.handles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(task);
    }

    /// One of the wakers that were left.
    fn waker(&self, random: &mut Random) -> Option<Waker> {
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        take(&mut wakers, random)
    }

    /// One of the handles that were kept.
    fn handle(&self, random: &mut Random) -> Option<Handle<()>> {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        take(&mut handles, random)
    }

    /// Makes one act after the other, with a gap of a random length before each.
    fn act(&self, rt: &crate::Shared, mut random: Random) {
        for _ in 0..ACTS {
            for _ in 0..random.below(60) {
                std::hint::spin_loop();
            }
            match random.below(8) {
                0..=2 => self.spawn(rt, random.below(3)),
                3 | 4 => self.waker(&mut random).into_iter().for_each(Waker::wake),
                5 => {
                    if let Some(mut task) = self.handle(&mut random) {
                        task.abort();
                        // It is joined in the end.
                        self.handles
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(task);
                    }
                }
                6 => drop(self.handle(&mut random)),
                _ => drop(self.handle(&mut random).map(|task| task.abort_on_drop())),
            }
        }
    }
}

/// Takes a random element out.
fn take<T>(all: &mut Vec<T>, random: &mut Random) -> Option<T> {
    if all.is_empty() {
        return None;
    }
    let place = random.below(all.len() as u64);
    Some(all.swap_remove(usize::try_from(place).unwrap_or_default()))
}

rules! { races

/// Whatever threads do at once to the tasks of a runtime, in whatever order: spawn, wake, abort, detach and end the runtime; each
/// task is dropped once, and each handle resolves.
///
/// Intent: a scheduler's gaps are a few instructions wide. The orders are chosen by seeds, with gaps of random lengths between the
/// acts, so that one that fails is tried again as often as one likes.
///
/// If this fails, the message names the seed; check who drops a task that is pushed, woken or aborted while the runtime ends.
Must fn tasks_end_whatever_interleaves(rt: Shared + Owned + SystemThreads) {
    for seed in 0..scaled(60).max(6) as u64 {
        let (rt, round, begin) = (rt.another(), Round::default(), Gate::new());
        step(format_args!("seed {seed}: threads spawn, wake, abort and detach while the runtime ends"));
        let threads: Vec<_> = (0..THREADS).map(|number| {
            let (handle, round, begin) = (rt.handle(), round.clone(), begin.clone());
            thread::spawn(move || {
                begin.wait_blocking();
                round.act(&handle, Random::new(seed * THREADS + number));
            })
        }).collect();
        let mut random = Random::new(!seed);
        begin.open();
        // The end comes before the acts, among them, or after.
        match seed % 3 {
            0 => {}
            1 => rt.block_on(async {
                for _ in 0..random.below(20) {
                    anyrt_core::yield_now().await;
                }
            }),
            _ => (0..random.below(20_000)).for_each(|_| std::hint::spin_loop()),
        }
        if seed % 2 == 0 { drop(rt) } else { rt.shutdown(GRACE) }
        for thread in threads {
            thread.join().expect("no act panics");
        }
        let handles = std::mem::take(&mut *round.handles.lock().unwrap_or_else(PoisonError::into_inner));
        for task in handles {
            step(format_args!("seed {seed}: a handle resolves after the end"));
            if let Err(error) = park_on(task) {
                assert!(error.is_cancelled(), "seed {seed}: no task panics: {error}");
            }
        }
        let spawned = round.spawned.get();
        eventually("every task is dropped", || round.dropped.get() >= spawned);
        assert_eq!(round.dropped.get(), spawned, "seed {seed}: futures dropped, of those that were spawned");
    }
}

}
