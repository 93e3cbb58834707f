//! Cancellation.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use anyrt_models::{CancellationToken, explore};
use shuttle::future::block_on;
use shuttle::thread;

#[test]
fn a_cancel_reaches_every_descendant_that_waits() {
    explore(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let waits: Vec<_> = [token.clone(), child.clone(), child.child_token()]
            .into_iter()
            .map(|token| thread::spawn(move || block_on(token.cancelled())))
            .collect();
        let (cancels, again) = (token.clone(), child.clone());
        let one = thread::spawn(move || cancels.cancel());
        let other = thread::spawn(move || again.cancel());
        for thread in waits.into_iter().chain([one, other]) {
            thread.join().expect("no panic");
        }
        assert!(
            child.is_cancelled() && child.child_token().is_cancelled(),
            "it stays cancelled"
        );
    });
}

#[test]
fn children_and_waits_may_go_while_their_parent_is_cancelled() {
    explore(|| {
        let token = CancellationToken::new();
        let child = token.child_token();
        let goes = thread::spawn(move || {
            let mut wait = pin!(child.cancelled());
            _ = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            thread::yield_now();
        });
        let comes = {
            let token = token.clone();
            thread::spawn(move || block_on(token.child_token().cancelled()))
        };
        let cancels = thread::spawn(move || token.cancel());
        for thread in [goes, comes, cancels] {
            thread.join().expect("no panic");
        }
    });
}
