//! Cancellation tokens.

use std::cell::Cell;
use std::collections::HashSet;
use std::future::{pending, ready};
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Wake, Waker};
use std::thread;

use anyrt_core::yield_now;

use crate::kit::{
    Count, Gate, Holding, WakeCount, assert_heap_returns, counted, duel, heap_in_use, once_cloned,
    poll_once, scaled, yield_until,
};
use crate::pieces::OnRuntime as _;
use crate::pieces::Token;
use anyrt_conformance_engine::rules;

/// A waker that uses the token when it is woken, and counts how often it found the token cancelled.
struct Uses {
    token: Token,
    /// A child that was there before.
    below: Token,
    seen: Count,
}

impl Wake for Uses {
    fn wake(self: Arc<Self>) {
        let child = self.token.child_token();
        let mut late = self.token.cancelled();
        let is_ready = WakeCount::new().with(|cx| Pin::new(&mut late).poll(cx).is_ready());
        let tree = self.token.is_cancelled() && self.below.is_cancelled();
        if tree && child.is_cancelled() && is_ready {
            self.seen.add();
        }
    }
}

rules! { token

/// When `cancel` returns, all descendants of the token are cancelled, also those whose parents nobody holds any more.
///
/// Intent: a server stops, and with it its connections, and with them their requests.
///
/// If this fails, check that a child keeps its parent, and that `cancel` goes through the whole tree.
Must fn cancels_all_descendants(rt: Any) {
    let root = rt.structured().token();
    let mut row = vec![root.clone()];
    for _ in 0..3 {
        row = row.iter().flat_map(|token| [token.child_token(), token.child_token(), token.child_token()]).collect();
    }
    let tasks: Vec<_> = row.iter().map(|token| rt.spawn(token.cancelled())).collect();
    rt.block_on(async {
        yield_now().await;
        assert!(!row.iter().any(Token::is_cancelled), "cancelled before anybody said so");
        root.cancel();
        let cancelled = row.iter().filter(|token| token.is_cancelled()).count();
        assert_eq!(cancelled, 27, "great-grandchildren that are cancelled when `cancel` returns");
        for task in tasks {
            task.await.expect("the waiter ends");
        }
    });
}

/// Cancelling a child leaves its parent and its siblings alone.
///
/// Intent: one request that times out must not stop the server.
///
/// If this fails, check in which direction `cancel` goes.
Must fn child_leaves_its_parent_alone(rt: Any) {
    let parent = rt.structured().token();
    let (child, sibling) = (parent.child_token(), parent.child_token());
    let grandchild = child.child_token();
    let others = [rt.spawn(parent.cancelled()), rt.spawn(sibling.cancelled())];
    let below = rt.spawn(grandchild.cancelled());
    rt.block_on(async {
        yield_now().await;
        child.cancel();
        below.await.expect("the grandchild's waiter ends");
        for _ in 0..20 {
            yield_now().await;
        }
        let cancelled = [&parent, &sibling, &child, &grandchild].map(Token::is_cancelled);
        assert_eq!(cancelled, [false, false, true, true], "parent, sibling, child and grandchild");
        assert!(!others.iter().any(|task| task.is_finished()), "a waiter of the parent or the sibling ended");
        parent.cancel();
        for task in others {
            task.await.expect("the waiter ends");
        }
    });
}

/// `cancel` wakes everybody who waits, once.
///
/// Intent: a task that is not told to stop is a shutdown that hangs.
///
/// If this fails, check that `cancel` takes all waiters out of the token and of its descendants.
Must fn wakes_all_waiters(rt: Any) {
    let token = rt.structured().token();
    let wakes = WakeCount::new();
    let mut waiting: Vec<_> = (0..50).map(|i| match i % 2 {
        0 => token.cancelled(),
        _ => token.child_token().cancelled(),
    }).collect();
    let started = Count::new();
    let tasks: Vec<_> = (0..50).map(|_| rt.spawn(counted(&started, token.cancelled()))).collect();
    rt.block_on(async {
        yield_until("the tasks wait", || started.get() >= 50).await;
        for waiter in &mut waiting {
            let poll = wakes.with(|cx| Pin::new(waiter).poll(cx));
            assert!(poll.is_pending(), "cancelled before anybody said so");
        }
        token.cancel();
        assert_eq!(wakes.get(), 50, "wakes of 50 waiters");
        for task in tasks {
            task.await.expect("the waiter ends");
        }
    });
}

/// Whoever `cancel` wakes may use the token at once, in the very call of its waker, and sees it cancelled with all its descendants.
///
/// Intent: some executors poll in the call of a waker, and a lock that is held there is a deadlock.
///
/// If this fails, check that `cancel` has let go of its locks, and marked the whole tree, before the first wake.
Must fn wakes_outside_the_lock(rt: Any) {
    let (token, seen) = (rt.structured().token(), Count::new());
    let child = token.child_token();
    let waker = Waker::from(Arc::new(Uses { token: token.clone(), below: child.clone(), seen: seen.clone() }));
    let mut waiting = [token.cancelled(), child.cancelled(), token.cancelled()];
    for waiter in &mut waiting {
        let poll = Pin::new(waiter).poll(&mut std::task::Context::from_waker(&waker));
        assert!(poll.is_pending(), "cancelled before anybody said so");
    }
    rt.block_on(rt.spawn(async move { token.cancel() })).expect("the task that cancels ends");
    assert_eq!(seen.get(), 3, "wakers that could use the token, and saw all of it cancelled");
}

/// A wait that is dropped leaves nothing behind.
///
/// Intent: a server's token lives as long as the server, and a thousand requests a second wait for it.
///
/// If this fails, check that the drop of `Cancelled` takes its waker out of the token.
Must fn dropped_waiters_leave_nothing(rt: Any) {
    let (token, wakes) = (rt.structured().token(), WakeCount::new());
    for _ in 0..3 {
        let mut waiting: Vec<_> = (0..100).map(|_| token.cancelled()).collect();
        for waiter in &mut waiting {
            for _ in 0..2 {
                assert!(wakes.with(|cx| Pin::new(&mut *waiter).poll(cx)).is_pending(), "not cancelled");
            }
        }
        drop(waiting);
        assert_eq!(Arc::strong_count(&wakes) - 1, 0, "wakers that are left after their waiters are gone");
    }
    let drops = Count::new();
    rt.block_on(async {
        let waiting: Vec<_> = (0..20).map(|_| {
            rt.spawn(Holding::new(drops.guard(), token.cancelled())).abort_on_drop()
        }).collect();
        yield_now().await;
        drop(waiting);
        yield_until("tasks that waited for the token are gone", || drops.get() == 20).await;
    });
    token.cancel();
    assert_eq!(wakes.get(), 0, "wakes of waiters that are gone");
}

/// A child that is dropped leaves nothing behind in its parent.
///
/// Intent: a server's token lives as long as the server, and each request has a child of it.
///
/// If this fails, check that the drop of a token takes it out of its parent.
Must fn dropped_children_leave_nothing(rt: Any + Heap) {
    const CHILDREN: usize = 1000;
    let token = rt.structured().token();
    let round = || {
        let children: Vec<_> = (0..CHILDREN).map(|_| token.child_token()).collect();
        let below: Vec<_> = children.iter().map(Token::child_token).collect();
        drop((children, below));
        for _ in 0..CHILDREN {
            drop(token.child_token());
        }
    };
    // The threads of the runtime allocate when they begin, and a list keeps what it once grew to.
    rt.block_on(rt.spawn(yield_now())).expect("the task ends");
    (0..2).for_each(|_| round());
    let before = heap_in_use();
    (0..10).for_each(|_| round());
    assert_heap_returns(before, CHILDREN * 256);
}

/// A token that was cancelled stays so: again and again, for waits that begin later, and for children that are made later.
///
/// Intent: the task that is started while the program stops must stop as well.
///
/// If this fails, check what `child_token` makes of a cancelled parent.
Must fn stays_cancelled(rt: Any) {
    let token = rt.structured().token();
    token.cancel();
    token.cancel();
    assert!(token.is_cancelled() && token.clone().is_cancelled(), "a cancelled token and its clone");
    assert!(token.child_token().is_cancelled(), "a child that was made of a cancelled token");
    let mut late = token.cancelled();
    rt.block_on(async {
        for _ in 0..2 {
            assert!(poll_once(&mut late).await.is_ready(), "a wait for a cancelled token is over at every poll");
        }
        rt.spawn(token.child_token().cancelled()).await.expect("the task ends");
    });
}

/// The drop of a guard cancels its token, and a guard that was disarmed does not.
///
/// Intent: the helpers of a request stop however the request ends, by an error or a panic as well.
///
/// If this fails, check the drop of `DropGuard`.
Must fn drop_guard_cancels(rt: Any) {
    let (token, spared) = (rt.structured().token(), rt.structured().token());
    let helper = rt.spawn(token.cancelled());
    let (guard, disarmed) = (token.drop_guard(), spared.drop_guard());
    let request = rt.spawn(async move {
        let _guard = guard;
        yield_now().await;
        panic!("the request fails");
    });
    rt.block_on(async {
        assert!(request.await.is_err_and(|error| error.is_panic()), "the request panics");
        assert!(token.is_cancelled(), "the guard was dropped by a panic");
        helper.await.expect("the helper ends");
        disarmed.disarm();
        assert!(!spared.is_cancelled(), "the guard was disarmed");
    });
}

/// Dropping a token, or any number of its clones, cancels nothing.
///
/// Intent: tokens are handed around, and whoever is done with one must not stop the rest.
///
/// If this fails, check what the drop of `CancellationToken` does.
Must fn dropping_a_token_cancels_nothing(rt: Any) {
    let token = rt.structured().token();
    let mut waiting = token.cancelled();
    for _ in 0..10 {
        let (clone, child) = (token.clone(), token.child_token());
        rt.block_on(rt.spawn(async move {
            yield_now().await;
            drop((clone, child));
        })).expect("the task ends");
    }
    assert!(!token.is_cancelled(), "clones and children were dropped");
    drop(token);
    assert!(rt.block_on(poll_once(&mut waiting)).is_pending(), "the token was dropped");
}

/// The waker of a wait's last poll is the one that is woken.
///
/// Intent: a wait that moves to another task, or into a `select`, must wake the one that polls it now.
///
/// If this fails, check what `Cancelled` does at its second poll.
Must fn last_waker_is_woken(rt: Any) {
    let (token, first, last) = (rt.structured().token(), WakeCount::new(), WakeCount::new());
    let mut waiting = token.cancelled();
    for wakes in [&first, &last] {
        assert!(wakes.with(|cx| Pin::new(&mut waiting).poll(cx)).is_pending(), "not cancelled");
    }
    let canceller = token.clone();
    rt.block_on(rt.spawn(async move { canceller.cancel() })).expect("the task ends");
    assert_eq!(last.get(), 1, "wakes of the last waker");
    rt.block_on(rt.spawn(waiting)).expect("a wait ends in the task that it was moved to");
}

/// A cancel on another thread that comes while a task begins to wait is not missed.
///
/// Intent: between "is it cancelled?" and "wake me" there must be no gap.
///
/// If this fails, check that `Cancelled` looks again once it holds the lock under which it registers.
Must fn no_gap_before_the_wait(rt: Any + SystemThreads) {
    let tokens: Vec<_> = (0..scaled(5000)).map(|_| rt.structured().token()).collect();
    let mut waiting: Vec<_> = tokens.iter().map(Token::cancelled).collect();
    let (wakes, is_pending) = (WakeCount::new(), Cell::new(false));
    duel(
        tokens.len(),
        |i| is_pending.set(wakes.with(|cx| Pin::new(&mut waiting[i]).poll(cx).is_pending())),
        |i| {
            if i % 2 == 0 {
                once_cloned(&wakes);
            }
            tokens[i].cancel();
        },
        |i| {
            let (is_pending, woken) = (is_pending.get(), wakes.take());
            assert_eq!(woken, usize::from(is_pending), "wakes in round {i} (the wait was pending: {is_pending})");
        },
    );
    let (sender, tokens) = mpsc::channel::<Token>();
    let canceller = thread::spawn(move || tokens.iter().for_each(|token| token.cancel()));
    for _ in 0..scaled(200) {
        let token = rt.structured().token();
        let task = rt.spawn(token.cancelled());
        sender.send(token).expect("the thread listens");
        rt.block_on(task).expect("a waiter is woken by a cancel that races with its first poll");
    }
    drop(sender);
    canceller.join().expect("the thread ends");
}

/// With a token that is cancelled already, `run_until_cancelled` does not poll its future.
///
/// Intent: what is started after the stop must have no effect.
///
/// If this fails, check the first poll of `RunUntilCancelled`.
Must fn cancelled_first_polls_nothing(rt: Any) {
    let (token, polls) = (rt.structured().token(), Count::new());
    token.cancel();
    for _ in 0..3 {
        let run = token.run_until_cancelled(counted(&polls, pending::<()>()));
        assert_eq!(rt.block_on(rt.spawn(run)).expect("the task ends"), None);
    }
    assert_eq!(rt.block_on(token.run_until_cancelled(ready(1))), None, "though the future would have been ready");
    assert_eq!(polls.get(), 0, "polls of futures under a cancelled token");
}

/// Where the future is ready when the token is cancelled, `run_until_cancelled` yields the future's output.
///
/// Intent: the output is there, and would be lost: a message that was received, a connection that was accepted.
///
/// If this fails, check which of the two `RunUntilCancelled` polls first.
Must fn output_wins(rt: Any) {
    let (token, go) = (rt.structured().token(), Gate::new());
    let wait = go.wait();
    let mut run = pin!(token.run_until_cancelled(async move {
        wait.await;
        7
    }));
    rt.block_on(async {
        assert!(poll_once(run.as_mut()).await.is_pending(), "neither is ready");
        go.open();
        token.cancel();
        assert_eq!(run.as_mut().await, Some(7), "the future's output, and not that the token is cancelled");
    });
}

/// When `run_until_cancelled` is ready its future has been dropped, by either end.
///
/// Intent: the next line may open again what the future held open.
///
/// If this fails, check where `RunUntilCancelled` drops its future.
Must fn run_drops_the_future_first(rt: Any) {
    for is_cancelled in [false, true] {
        let (token, drops, go) = (rt.structured().token(), Count::new(), Gate::new());
        let mut run = pin!(token.run_until_cancelled(Holding::new(drops.guard(), go.wait())));
        rt.block_on(async {
            assert!(poll_once(run.as_mut()).await.is_pending(), "neither is ready");
            if is_cancelled { token.cancel() } else { go.open() }
            let output = match poll_once(run.as_mut()).await {
                Poll::Ready(output) => output,
                Poll::Pending => run.as_mut().await,
            };
            assert_eq!(output.is_none(), is_cancelled, "which of the two ended it");
            assert_eq!(drops.get(), 1, "futures dropped when it is ready (by cancel: {is_cancelled})");
        });
    }
}

/// The first cause wins: a token keeps the cause with which it was cancelled, or that there was none, and so do its children.
///
/// Intent: what is logged is why the program stops, and not the last of the errors that follow.
///
/// If this fails, check that `cancel_with` looks whether the token was cancelled, under the lock.
Must fn first_cause_wins(rt: Any) {
    let (token, silent) = (rt.structured().token(), rt.structured().token());
    let (child, apart) = (token.child_token(), token.child_token());
    apart.cancel_with("the child is done");
    assert_eq!((token.cause(), child.cause()), (None, None), "causes before the cancel");
    let (first, seen) = (token.clone(), child.clone());
    rt.block_on(async {
        let sees = rt.spawn(async move {
            seen.cancelled().await;
            seen.cause()
        });
        rt.spawn(async move { first.cancel_with("the disk is full") }).await.expect("the task ends");
        assert_eq!(sees.await.expect("the task ends").as_deref(), Some("the disk is full"), "the cause that a waiter finds");
    });
    for _ in 0..2 {
        token.cancel_with("too late");
        child.cancel_with("too late");
        silent.cancel();
        silent.cancel_with("too late");
    }
    let late = token.child_token();
    let causes = [&token, &child, &late, &apart, &silent].map(|it| it.cause());
    let expected = [Some("the disk is full"), Some("the disk is full"), Some("the disk is full"), Some("the child is done"), None];
    assert_eq!(causes.each_ref().map(Option::as_deref), expected, "causes of the token, its child, a late child, one that was cancelled before, and one without");
}

/// Clones of a token are equal and hash alike; no other token equals them, their children included.
///
/// Intent: tokens are keys: "which of my sessions is this one?"
///
/// If this fails, check what `CancellationToken` compares and hashes.
Must fn clones_are_equal(rt: Any) {
    let token = rt.structured().token();
    let (child, other) = (token.child_token(), rt.structured().token());
    let clone = token.clone();
    let clone = rt.block_on(rt.spawn(async move { clone })).expect("the task ends");
    assert!(clone == token, "a clone, from another task");
    assert!(child != token && other != token, "a child, and another token");
    token.cancel();
    #[allow(clippy::mutable_key_type, reason = "a token is hashed by its address")]
    let tokens: HashSet<_> = [token, clone, child, other].into_iter().collect();
    assert_eq!(tokens.len(), 3, "different ones of a token, its clone, its child and another");
}

}
