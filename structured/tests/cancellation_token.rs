//! `CancellationToken` and what it makes.

mod common;

use std::future::{pending, ready};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread;

use anyrt_core::{prelude::*, yield_now};
use anyrt_structured::{CancellationToken, TaskGroup};

use self::common::{Latch, on_every_runtime, park_on, poll, poll_with, watched};

on_every_runtime! {
    wakes_all_waiters,
    run_until_cancelled_stops_the_future,
    run_until_cancelled_yields_the_output,
    a_guard_cancels_when_its_task_is_dropped,
}

async fn wakes_all_waiters<R: Runtime>(rt: R) {
    const WAITERS: usize = 3000;
    let token = CancellationToken::new();
    let started = Latch::new(WAITERS);
    let mut group = TaskGroup::new(rt);
    for n in 0..WAITERS {
        let seen = if n % 2 == 0 {
            token.clone()
        } else {
            token.child_token()
        };
        let started = started.clone();
        group.spawn(async move {
            let cancelled = seen.cancelled();
            started.down();
            cancelled.await;
            assert!(seen.is_cancelled());
        });
    }
    started.opened().await;
    token.cancel();
    assert_eq!(
        group
            .join_all()
            .await
            .into_iter()
            .filter(Result::is_ok)
            .count(),
        WAITERS
    );
}

async fn run_until_cancelled_stops_the_future<R: Runtime>(rt: R) {
    let (token, dropped) = (CancellationToken::new(), Latch::new(1));
    let (seen, guard, latch) = (token.clone(), dropped.guard(), dropped.clone());
    let task = rt.spawn(async move {
        let run = seen.run_until_cancelled(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        let output = run.await;
        (output, latch.left())
    });
    for _ in 0..10 {
        yield_now().await;
    }
    assert_eq!(dropped.left(), 1);
    token.cancel();
    assert_eq!(task.await.unwrap(), (None, 0));
}

async fn run_until_cancelled_yields_the_output<R: Runtime>(rt: R) {
    let token = CancellationToken::new();
    let seen = token.clone();
    let task = rt.spawn(async move {
        let run = seen.run_until_cancelled(async {
            yield_now().await;
            42
        });
        run.await
    });
    assert_eq!(task.await.unwrap(), Some(42));
}

async fn a_guard_cancels_when_its_task_is_dropped<R: Runtime>(rt: R) {
    let token = CancellationToken::new();
    let guard = token.clone().drop_guard();
    let task = rt.spawn(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    yield_now().await;
    assert!(!token.is_cancelled());
    drop(task.abort_on_drop());
    token.cancelled().await;
}

#[test]
fn cancels_all_descendants_and_nobody_else() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let below = left.child_token().child_token();
    left.cancel();
    assert!(left.is_cancelled() && below.is_cancelled());
    assert!(!root.is_cancelled() && !right.is_cancelled());
    root.cancel();
    root.cancel();
    assert!(right.is_cancelled() && root.child_token().is_cancelled());
}

#[test]
fn a_grandchild_is_reached_though_its_parent_is_gone() {
    let root = CancellationToken::new();
    let grandchild = root.child_token().child_token();
    let mut waiting = grandchild.cancelled();
    assert!(poll(&mut waiting).is_pending());
    root.cancel();
    assert!(poll(&mut waiting).is_ready());
    assert!(poll(&mut waiting).is_ready(), "ready again");
}

#[test]
fn a_long_line_of_descendants_uses_bounded_stack() {
    // A recursion needs more than the whole stack, with as few as sixteen bytes for each descendant.
    const STACK: usize = 128 * 1024;
    const DESCENDANTS: usize = STACK / 16;

    fn last_of_a_line(root: &CancellationToken) -> CancellationToken {
        let root = root.child_token();
        (0..DESCENDANTS).fold(root, |last, _| last.child_token())
    }

    watched(|| {
        let small = thread::Builder::new().stack_size(STACK);
        let thread = small.spawn(|| {
            let root = CancellationToken::new();
            drop(last_of_a_line(&root));
            let last = last_of_a_line(&root);
            root.cancel();
            assert!(last.is_cancelled());
        });
        thread.unwrap().join().unwrap();
    });
}

#[test]
fn wakes_outside_the_lock() {
    /// Uses the token in every way that takes its lock.
    struct Meddler {
        token: CancellationToken,
        woken: AtomicUsize,
        waiting: Mutex<Vec<anyrt_structured::Cancelled>>,
    }

    impl Wake for Meddler {
        fn wake(self: Arc<Self>) {
            let child = self.token.child_token();
            assert!(child.is_cancelled() && self.token.is_cancelled());
            assert!(poll(&mut self.token.cancelled()).is_ready());
            self.token.cancel();
            self.waiting.lock().unwrap().clear();
            self.woken.fetch_add(1, Ordering::SeqCst);
        }
    }

    watched(|| {
        let token = CancellationToken::new();
        let meddler = Arc::new(Meddler {
            token: token.clone(),
            woken: AtomicUsize::new(0),
            waiting: Mutex::default(),
        });
        let waker = Waker::from(meddler.clone());
        for _ in 0..10 {
            let mut waiting = token.cancelled();
            assert!(poll_with(&mut waiting, &waker).is_pending());
            meddler.waiting.lock().unwrap().push(waiting);
        }
        token.cancel();
        assert_eq!(meddler.woken.load(Ordering::SeqCst), 10);
    });
}

#[test]
fn the_whole_tree_is_marked_before_anybody_is_woken() {
    struct Look(Vec<CancellationToken>, AtomicBool);

    impl Wake for Look {
        fn wake(self: Arc<Self>) {
            let all = self.0.iter().all(CancellationToken::is_cancelled);
            self.1.store(all, Ordering::SeqCst);
        }
    }

    let root = CancellationToken::new();
    let children: Vec<_> = (0..5).map(|_| root.child_token()).collect();
    let look = Arc::new(Look(children, AtomicBool::new(false)));
    let mut waiting = root.cancelled();
    assert!(poll_with(&mut waiting, &look.clone().into()).is_pending());
    root.cancel();
    assert!(look.1.load(Ordering::SeqCst));
}

#[test]
fn no_cancel_is_missed_among_threads() {
    watched(|| {
        for round in 0..300 {
            let token = CancellationToken::new();
            let waiters: Vec<_> = (0..3)
                .map(|n| {
                    let token = if n == 0 {
                        token.clone()
                    } else {
                        token.child_token()
                    };
                    thread::spawn(move || {
                        // Waiters come and go, and stay.
                        for _ in 0..round % 5 {
                            let _ = poll(&mut token.cancelled());
                        }
                        drop(token.child_token());
                        park_on(token.cancelled());
                        assert!(token.is_cancelled());
                    })
                })
                .collect();
            for _ in 0..round * 3 {
                std::hint::spin_loop();
            }
            token.cancel();
            waiters
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        }
    });
}

#[test]
fn a_cancelled_token_polls_nothing() {
    let token = CancellationToken::new();
    token.cancel();
    let mut run = Box::pin(token.run_until_cancelled(async { unreachable!("polled") }));
    assert!(matches!(poll(&mut run), Poll::Ready(None::<()>)));
}

#[test]
fn an_output_wins_over_a_later_cancel() {
    let token = CancellationToken::new();
    let mut polls = 0;
    let mut run = Box::pin(token.run_until_cancelled(std::future::poll_fn(|_| {
        polls += 1;
        if polls == 1 {
            Poll::Pending
        } else {
            Poll::Ready(polls)
        }
    })));
    assert!(poll(&mut run).is_pending());
    token.cancel();
    assert_eq!(poll(&mut run), Poll::Ready(Some(2)));
}

#[test]
#[should_panic = "polled after it was ready"]
fn run_until_cancelled_panics_when_polled_again() {
    let token = CancellationToken::new();
    let mut run = token.run_until_cancelled(ready(1));
    assert!(poll(&mut run).is_ready());
    let _ = poll(&mut run);
}

#[test]
fn a_disarmed_guard_cancels_nothing() {
    let token = CancellationToken::new();
    assert!(!token.clone().drop_guard().disarm().is_cancelled());
    drop(token.clone().drop_guard());
    assert!(token.is_cancelled());
}

#[test]
fn the_first_cause_wins_and_descendants_have_it() {
    let token = CancellationToken::new();
    let (child, early) = (token.child_token(), token.child_token());
    let grandchild = child.child_token();
    early.cancel();
    assert!(token.cause().is_none());
    token.cancel_with("first");
    token.cancel_with("second");
    let text = |token: &CancellationToken| token.cause().map(|cause| cause.to_string());
    for token in [&token, &child, &grandchild, &token.child_token()] {
        assert_eq!(text(token).as_deref(), Some("first"));
    }
    assert_eq!(text(&early), None);
}

#[test]
#[allow(
    clippy::mutable_key_type,
    reason = "a token is hashed by its identity, which never changes"
)]
fn clones_are_equal_and_others_are_not() {
    let token = CancellationToken::new();
    let child = token.child_token();
    let known = std::collections::HashSet::from([token.clone(), child.clone()]);
    assert_eq!(known.len(), 2);
    assert!(known.contains(&token) && known.contains(&child.clone()));
    assert!(!known.contains(&CancellationToken::new()));
    token.cancel();
    assert!(known.contains(&token) && token != token.child_token());
}
