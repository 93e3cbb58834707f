//! Sleeps that are over at once, in a loop: they do not keep the thread from anybody else.

use std::time::Duration;

use anyrt_core::prelude::*;

const SHORT: [Duration; 2] = [Duration::ZERO, Duration::from_nanos(1)];

async fn for_ever<T: Timer>(timer: T, duration: Duration) {
    loop {
        timer.sleep(duration).await;
    }
}

/// Spawns a loop, aborts it, and waits for its end.
pub(crate) fn spawned_loops_end_when_they_are_aborted<R>(rt: R)
where
    R: Runtime + BlockOn,
{
    for duration in SHORT {
        let mut task = rt.spawn(for_ever(rt.clone(), duration));
        rt.block_on(rt.sleep(Duration::from_millis(5)));
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
    }
}

/// Limits a loop in the root, in a task, and by a sleep that is over at the same time.
pub(crate) fn loops_end_at_their_limit<R>(rt: R)
where
    R: Runtime + BlockOn,
{
    const LIMIT: Duration = Duration::from_millis(5);
    for duration in SHORT {
        let end = rt.block_on(rt.timeout(LIMIT, for_ever(rt.clone(), duration)));
        assert!(end.is_err());
        let task = rt.clone();
        let end =
            rt.spawn(async move { task.timeout(LIMIT, for_ever(task.clone(), duration)).await });
        assert!(rt.block_on(end).unwrap().is_err());
    }
    rt.block_on(async {
        for round in 0..1000 {
            let end = rt
                .timeout(Duration::from_nanos(1), rt.sleep(Duration::ZERO))
                .await;
            assert!(
                end.is_ok(),
                "a limit fired before what it limits in round {round}"
            );
        }
    });
}

/// Runs local loops beside each other and beside the root.
pub(crate) fn local_loops_leave_room_for_others<L>(rt: L)
where
    L: Launch,
    L::Handle: LocalRuntime,
{
    for duration in SHORT {
        let handle = rt.handle();
        let mut tasks: Vec<_> = (0..2)
            .map(|_| handle.spawn_local(for_ever(handle.clone(), duration)))
            .collect();
        let other = handle.spawn_local(async { 42 });
        assert_eq!(rt.block_on(other).unwrap(), 42);
        rt.block_on(handle.sleep(Duration::from_millis(5)));
        tasks.iter_mut().for_each(|task| task.abort());
        for task in tasks {
            assert!(rt.block_on(task).unwrap_err().is_cancelled());
        }
    }
}
