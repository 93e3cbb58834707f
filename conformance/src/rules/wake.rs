//! Wakers: when a task is polled, and when it is not.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use anyrt_core::yield_now;

use crate::kit::{
    Count, Gate, Holding, OnDrop, assert_heap_returns, heap_in_use, on_thread, pause, scaled, step,
    yield_until,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);

/// Where a task leaves its waker for others.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<Waker>>>);

impl Slot {
    fn store(&self, cx: &Context<'_>) {
        *self.0.lock().expect("no panic") = Some(cx.waker().clone());
    }

    fn take(&self) -> Option<Waker> {
        self.0.lock().expect("no panic").take()
    }

    fn waker(&self) -> Option<Waker> {
        self.0.lock().expect("no panic").clone()
    }
}

thread_local! {
    /// Set on a thread while it calls a waker.
    static WAKING: Cell<bool> = const { Cell::new(false) };
}

rules! { wake

/// A wake while the task is being polled causes another poll.
///
/// Intent: a channel may be filled between the look into it and the return of `Pending`.
///
/// If this fails, check the states of the task: "woken while running" must not be lost.
Must fn during_poll_polls_again(rt: Any) {
    let mut left = 10;
    let task = rt.spawn(poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    step("the task is polled again that was woken during its poll");
    rt.block_on(task).expect("the task ends");
}

/// A wake from any thread, by value or by reference, causes a poll, also of a runtime that has had nothing to do for 600 ms.
///
/// Intent: wakers are called by drivers, signal handlers and other runtimes.
///
/// If this fails, check that a wake from a foreign thread unparks the executor.
Must fn from_any_thread(rt: Any + SystemThreads) {
    for (by_value, idle) in [(true, 0), (false, 0), (true, 600)] {
        let (slot, ready) = (Slot::default(), Arc::new(AtomicBool::new(false)));
        let (store, is_ready) = (slot.clone(), ready.clone());
        let task = rt.spawn(poll_fn(move |cx| {
            if is_ready.load(Ordering::SeqCst) {
                return Poll::Ready(());
            }
            store.store(cx);
            // Set between the look and the store: the next look finds it.
            if is_ready.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        }));
        let waker = thread::spawn(move || {
            let waker = loop {
                match slot.take() {
                    Some(waker) => break waker,
                    None => pause(MS),
                }
            };
            pause(idle * MS);
            ready.store(true, Ordering::SeqCst);
            if by_value { waker.wake() } else { waker.wake_by_ref() }
        });
        step("another thread wakes the task");
        rt.block_on(task).expect("the task ends");
        waker.join().expect("the thread ends");
    }
}

/// A future that was ready is never polled again, whatever its wakers do later.
///
/// Intent: an `async fn` that is polled after it returned panics.
///
/// If this fails, check that a wake of a finished task is ignored.
Must fn no_poll_after_ready(rt: Any + SystemThreads) {
    let (slot, polls) = (Slot::default(), Count::new());
    let (store, counted) = (slot.clone(), polls.clone());
    let task = rt.spawn(poll_fn(move |cx| {
        store.store(cx);
        if counted.add() == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // Woken in the very poll that is the last.
        cx.waker().wake_by_ref();
        Poll::Ready(())
    }));
    rt.block_on(task).expect("the task ends");
    let waker = slot.waker().expect("it was polled");
    on_thread(move || (0..100).for_each(|_| waker.wake_by_ref()));
    rt.block_on(rt.sleep(10 * MS));
    assert_eq!(polls.get(), 2, "it was polled after it was ready");
}

/// A parked task is not polled without a wake.
///
/// Intent: ten thousand idle connections must cost nothing.
///
/// If this fails, check for an executor that polls every task in each turn.
Must fn no_poll_without_a_wake(rt: Any) {
    let polls = Count::new();
    let counted = polls.clone();
    let parked = rt.spawn(poll_fn(move |_| {
        counted.add();
        Poll::<()>::Pending
    })).abort_on_drop();
    // A thread that has taken it may wait long for a processor.
    rt.block_on(yield_until("the task parks", || polls.get() > 0));
    for _ in 0..50 {
        rt.block_on(rt.spawn(yield_now())).expect("the task ends");
    }
    rt.block_on(rt.sleep(20 * MS));
    assert_eq!(polls.get(), 1, "a parked task was polled again");
    drop(parked);
}

/// One future is never polled by two threads at once.
///
/// Intent: it is what `&mut self` in `poll` stands for. Safe Rust cannot break it; an executor with `unsafe` can.
///
/// If this fails, check the task's "running" state against wakes from several threads.
Must fn never_polls_concurrently(rt: Any + SystemThreads) {
    let (slot, busy, polls) = (Slot::default(), Arc::new(AtomicBool::new(false)), Count::new());
    let (store, is_busy, counted) = (slot.clone(), busy.clone(), polls.clone());
    let rounds = scaled(2_000);
    let task = rt.spawn(poll_fn(move |cx| {
        assert!(!is_busy.swap(true, Ordering::SeqCst), "two polls at once");
        store.store(cx);
        std::hint::black_box((0..200).sum::<u64>());
        is_busy.store(false, Ordering::SeqCst);
        if counted.add() < rounds { Poll::Pending } else { Poll::Ready(()) }
    }));
    let stop = Arc::new(AtomicBool::new(false));
    let wakers: Vec<_> = (0..4).map(|_| {
        let (slot, stop) = (slot.clone(), stop.clone());
        thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                if let Some(waker) = slot.waker() {
                    waker.wake();
                }
                thread::yield_now();
            }
        })
    }).collect();
    rt.block_on(task).expect("the task ends");
    stop.store(true, Ordering::SeqCst);
    for waker in wakers {
        waker.join().expect("the thread ends");
    }
}

/// A wake does not poll the woken task inline, and does not wait for it.
///
/// Intent: wakers are called under locks; a poll inside one is a deadlock.
///
/// If this fails, check that a wake only puts the task into a queue.
Must fn never_blocks_or_polls_inline(rt: Any) {
    let (slot, woken, inline) = (Slot::default(), Gate::new(), Arc::new(AtomicBool::new(false)));
    let (store, is_woken, polled_inline) = (slot.clone(), woken.clone(), inline.clone());
    let sleeper = rt.spawn(poll_fn(move |cx| {
        polled_inline.fetch_or(WAKING.get(), Ordering::SeqCst);
        store.store(cx);
        if is_woken.is_open() { Poll::Ready(()) } else { Poll::Pending }
    }));
    rt.block_on(async {
        while slot.waker().is_none() {
            yield_now().await;
        }
    });
    let wake = async move {
        woken.open();
        let waker = slot.take().expect("stored above");
        WAKING.set(true);
        waker.wake();
        WAKING.set(false);
    };
    rt.block_on(rt.spawn(wake)).expect("the waking task ends");
    rt.block_on(sleeper).expect("the woken task ends");
    assert!(!inline.load(Ordering::SeqCst), "the task was polled inside `wake`");
}

/// A thousand wakes of a parked task cause one poll, or two where the first of them had begun before the last wake came.
///
/// Intent: a busy source must neither be lost nor flood the queue.
///
/// If this fails, check that a task that is scheduled already is not scheduled again.
Must fn many_wakes_are_merged(rt: Any) {
    let (slot, last_wake, polls) = (Slot::default(), Gate::new(), Count::new());
    let (store, wait, counted) = (slot.clone(), last_wake.clone(), polls.clone());
    let task = rt.spawn(poll_fn(move |cx| {
        if counted.add() == 0 {
            store.store(cx);
        } else {
            // Another thread may begin this poll at the first wake. It does not end before the last one.
            wait.wait_blocking();
        }
        Poll::<()>::Pending
    })).abort_on_drop();
    rt.block_on(async {
        let _open = OnDrop(|| last_wake.open());
        yield_until("the task parks", || slot.waker().is_some()).await;
        let waker = slot.take().expect("stored above");
        (0..1000).for_each(|_| waker.wake_by_ref());
    });
    rt.block_on(yield_until("the task is polled again", || polls.get() > 1));
    rt.block_on(async {
        for _ in 0..50 {
            yield_now().await;
        }
    });
    rt.block_on(rt.sleep(10 * MS));
    let more = polls.get() - 1;
    assert!(more <= 2, "{more} polls for a thousand wakes");
    drop(task);
    format!("{more} polls")
}

/// A waker may be cloned, woken and dropped after its runtime is gone.
///
/// Intent: a callback that is registered with a library lives as long as the library likes.
///
/// If this fails, check what a waker holds: it must not reach into a runtime that was freed.
Must fn works_after_the_runtime(rt: Any + Owned + SystemThreads) {
    let slot = Slot::default();
    let store = slot.clone();
    rt.spawn(poll_fn(move |cx| {
        store.store(cx);
        Poll::<()>::Pending
    })).detach();
    rt.block_on(async {
        while slot.waker().is_none() {
            yield_now().await;
        }
    });
    rt.shutdown(Duration::from_secs(5));
    let waker = slot.take().expect("stored above");
    waker.wake_by_ref();
    let clone = waker.clone();
    clone.wake_by_ref();
    clone.wake();
    on_thread(move || drop(waker));
}

/// A waker that is kept does not keep the future alive after the task ended.
///
/// Intent: a finished task closes its socket, even if a timer still holds its waker.
///
/// If this fails, check that completion drops the future, and does not leave it to the last waker.
Must fn kept_waker_frees_the_future(rt: Any) {
    let (slot, drops) = (Slot::default(), Count::new());
    let store = slot.clone();
    let task = rt.spawn(Holding::new(drops.guard(), poll_fn(move |cx| {
        store.store(cx);
        Poll::Ready(())
    })));
    rt.block_on(task).expect("the task ends");
    assert_eq!(drops.get(), 1, "the future is still there");
    drop(slot.take().expect("it was polled"));
}

/// When the last waker and the handle of a task are gone, its memory is freed.
///
/// Intent: wakers are kept by timers, drivers and callbacks, and let go one by one.
///
/// If this fails, check the count of references that a waker holds.
Must fn memory_is_freed(rt: Any + Heap + SystemThreads) {
    const TASKS: usize = 1000;
    let round = || {
        let slots: Vec<_> = (0..TASKS).map(|_| Slot::default()).collect();
        let tasks: Vec<_> = slots.iter().cloned().map(|slot| {
            let bytes = [1_u8; 512];
            rt.spawn(poll_fn(move |cx| {
                slot.store(cx);
                Poll::Ready(bytes.len())
            }))
        }).collect();
        for task in tasks {
            rt.block_on(task).expect("the task ends");
        }
        // On a thread that no runtime knows, the last references go.
        on_thread(move || drop(slots));
    };
    // Queues and slabs keep what they once grew to.
    (0..2).for_each(|_| round());
    let before = heap_in_use();
    (0..5).for_each(|_| round());
    assert_heap_returns(before, TASKS * 50);
}

/// How many bytes does a waker keep that outlives its task?
///
/// Intent: some runtimes keep the whole of the future's memory until the last waker goes.
///
/// If this fails, nothing is wrong: it is recorded.
Info fn pinned_bytes(rt: Any + Heap) {
    const TASKS: usize = 500;
    let round = || -> Vec<Slot> {
        let slots: Vec<_> = (0..TASKS).map(|_| Slot::default()).collect();
        for slot in &slots {
            let slot = slot.clone();
            let task = rt.spawn(poll_fn(move |cx| {
                slot.store(cx);
                Poll::Ready(())
            }));
            rt.block_on(task).expect("the task ends");
        }
        slots
    };
    drop(round());
    let slots = round();
    let before = heap_in_use();
    drop(slots);
    let pinned = before.saturating_sub(heap_in_use()) / TASKS;
    // Of which the slot itself is some.
    let slot = size_of::<Mutex<Option<Waker>>>() + 2 * size_of::<usize>();
    format!("about {} bytes", pinned.saturating_sub(slot).div_ceil(16) * 16)
}

/// The wakers of one task satisfy `will_wake` from poll to poll.
///
/// Intent: every library compares wakers to save a clone; one that never matches makes each poll allocate or lock.
///
/// If this fails, check that the executor makes a task's waker of one and the same pointer and table.
Should fn will_wake_holds(rt: Any) {
    let mut before: Option<Waker> = None;
    let mut polls = 0;
    let task = rt.spawn(poll_fn(move |cx| {
        if let Some(waker) = &before {
            assert!(waker.will_wake(cx.waker()), "another waker in poll {polls}");
        }
        before = Some(cx.waker().clone());
        polls += 1;
        cx.waker().wake_by_ref();
        if polls < 10 { Poll::Pending } else { Poll::Ready(()) }
    }));
    rt.block_on(task).expect("the task ends");
}

/// In a storm of wakes from four threads over two hundred tasks, no wake is lost and no task is polled after it was ready.
///
/// Intent: a busy server wakes its tasks like this all day.
///
/// If this fails, check the task's states for a race between a wake and the end of a poll.
Must fn storm_loses_nothing(rt: Any + SystemThreads) {
    let rounds = scaled(50);
    let tasks: Vec<_> = (0..200).map(|_| (Slot::default(), Count::new())).collect();
    let handles: Vec<_> = tasks.iter().cloned().map(|(slot, count)| {
        let mut ready = false;
        rt.spawn(poll_fn(move |cx| {
            assert!(!ready, "polled after it was ready");
            slot.store(cx);
            ready = count.get() >= 4 * rounds;
            if ready { Poll::Ready(()) } else { Poll::Pending }
        }))
    }).collect();
    let storm: Vec<_> = (0..4).map(|_| {
        let tasks = tasks.clone();
        thread::spawn(move || {
            for _ in 0..rounds {
                for (slot, count) in &tasks {
                    count.add();
                    if let Some(waker) = slot.waker() {
                        waker.wake();
                    }
                }
                thread::yield_now();
            }
        })
    }).collect();
    for mut handle in handles {
        step("every task is woken out of the storm");
        rt.block_on(Pin::new(&mut handle)).expect("the task ends");
    }
    for thread in storm {
        thread.join().expect("the thread ends");
    }
}

/// A wake of a task that is being polled does not wait for that poll.
///
/// Intent: the poll may itself wait for the lock under which it is woken.
///
/// If this fails, check for a lock that the task holds during its poll and its wake takes.
Must fn returns_while_the_task_is_polled(rt: Any + SystemThreads) {
    let (slot, woken, polls) = (Slot::default(), Gate::new(), Count::new());
    let (store, wait, counted) = (slot.clone(), woken.clone(), polls.clone());
    let task = rt.spawn(poll_fn(move |cx| {
        if counted.add() > 0 {
            return Poll::Ready(());
        }
        store.store(cx);
        // Opened when the wake has returned.
        wait.wait_blocking();
        Poll::Pending
    }));
    let waker = thread::spawn(move || {
        let waker = loop {
            match slot.take() {
                Some(waker) => break waker,
                None => pause(MS),
            }
        };
        (0..3).for_each(|_| waker.wake_by_ref());
        waker.wake();
        woken.open();
    });
    step("another thread wakes a task that waits, in its poll, for that wake to return");
    rt.block_on(task).expect("the task ends");
    waker.join().expect("the thread ends");
    assert_eq!(polls.get(), 2, "polls of a task that was woken during its first");
}

/// A thousand wakes of a task that cannot be polled meanwhile cause one poll, or a few.
///
/// Intent: a busy source must not flood the queue with a task that is in it already.
///
/// If this fails, check that a task that is scheduled already is not scheduled again.
Must fn a_thousand_wakes_are_few_polls(rt: Any) {
    let polls = Count::new();
    let counted = polls.clone();
    let task = rt.spawn(poll_fn(move |cx| {
        if counted.add() == 0 {
            (0..1000).for_each(|_| cx.waker().wake_by_ref());
        }
        Poll::<()>::Pending
    })).abort_on_drop();
    rt.block_on(yield_until("the task is polled again", || polls.get() > 1));
    rt.block_on(async {
        for _ in 0..50 {
            yield_now().await;
        }
    });
    let more = polls.get() - 1;
    assert!(more <= 10, "{more} polls for a thousand wakes");
    drop(task);
}

}
