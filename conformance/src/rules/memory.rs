//! The heap.

use crate::kit::{allocations, assert_heap_returns, heap_in_use, step};
use anyrt_conformance_engine::rules;

const TASKS: usize = 256;

rules! { memory

/// A task that ended is freed once its handle and its wakers are gone.
///
/// Intent: a server spawns tasks for years, and must not grow.
///
/// If this fails, check for a list of tasks that never shrinks, or a cycle between a task and its handle.
Must fn finished_task_is_freed(rt: Any + Heap) {
    let round = || {
        let tasks: Vec<_> = (0..TASKS).map(|i| {
            let bytes = vec![i as u8; 4096];
            rt.spawn(async move {
                for _ in 0..5 {
                    anyrt_core::yield_now().await;
                }
                bytes
            })
        }).collect();
        step("the tasks end");
        rt.block_on(async {
            for task in tasks {
                assert_eq!(task.await.expect("the task ends").len(), 4096);
            }
        });
    };
    // Queues and slabs keep what they once grew to.
    (0..3).for_each(|_| round());
    let before = heap_in_use();
    (0..10).for_each(|_| round());
    assert_heap_returns(before, TASKS * 64);
}

/// Spawning and sleeping allocate as often as the runtime's own calls do.
///
/// Intent: libraries adopt a layer only if it costs nothing.
///
/// If this fails, look for a box in the adapter's `spawn` or `sleep`.
Should fn allocations_equal_native(rt: Any + Heap + Native) {
    let native = rt.backend().native_facilities();
    let handle = rt.handle();
    let (mut spawns, mut sleeps) = ((usize::MAX, usize::MAX), (usize::MAX, usize::MAX));
    rt.block_on(async {
        // Other threads allocate as well, now and then: the least of several rounds counts.
        for _ in 0..10 {
            let layer = allocations(|| (0..TASKS).for_each(|_| handle.spawn_small())).0;
            let own = allocations(|| (native.spawn)(TASKS)).0;
            spawns = (spawns.0.min(layer), spawns.1.min(own));
            let layer = allocations(|| (0..TASKS).for_each(|_| handle.arm_sleep())).0;
            let own = allocations(|| (native.sleep)(TASKS)).0;
            sleeps = (sleeps.0.min(layer), sleeps.1.min(own));
            anyrt_core::yield_now().await;
        }
    });
    let seen = format!("{TASKS} spawns: {} allocations, {} by its own call; sleeps: {}, {}", spawns.0, spawns.1, sleeps.0, sleeps.1);
    // One more for each would be `TASKS` more; queues that grow make for a few.
    assert!(spawns.0 <= spawns.1 + TASKS / 4 && sleeps.0 <= sleeps.1 + TASKS / 4, "{seen}");
    seen
}

/// A task that was aborted is freed once its handles and its wakers are gone, whether it was joined, dropped or let go of.
///
/// Intent: limits and `select!` abort all day long.
///
/// If this fails, check what the adapter's abort allocates, and who frees it when nobody joins the task.
Must fn aborted_task_is_freed(rt: Any + Heap) {
    let round = || {
        let mut joined = Vec::new();
        for i in 0..TASKS {
            let bytes = vec![i as u8; 4096];
            let mut task = rt.spawn(async move {
                std::future::pending::<()>().await;
                drop(bytes);
            });
            if i % 2 == 0 {
                rt.block_on(anyrt_core::yield_now());
            }
            match i % 4 {
                0 => joined.push(task.cancel()),
                1 => drop(task.abort_on_drop()),
                2 => {
                    task.abort();
                    drop(task);
                }
                _ => {
                    let abort = task.abort_handle();
                    task.detach();
                    abort.abort();
                }
            }
        }
        step("the aborted tasks resolve");
        rt.block_on(async {
            for task in joined {
                assert!(task.await.is_err_and(|error| error.is_cancelled()), "the handle must resolve cancelled");
            }
            for _ in 0..50 {
                anyrt_core::yield_now().await;
            }
        });
    };
    // Queues and slabs keep what they once grew to.
    (0..3).for_each(|_| round());
    let before = heap_in_use();
    (0..10).for_each(|_| round());
    assert_heap_returns(before, TASKS * 64);
}

}
