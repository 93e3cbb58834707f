//! Operations that are always ready give way, and nobody else notices.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use anyrt_core::Sleep as _;
use anyrt_shared::Sleep;

#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn task() -> (Arc<Task>, Waker) {
    let task = Arc::<Task>::default();
    (task.clone(), Waker::from(task))
}

fn is_over(sleep: Pin<&mut Sleep>, waker: &Waker) -> bool {
    sleep.poll(&mut Context::from_waker(waker)).is_ready()
}

fn spend(waker: &Waker, times: usize) {
    for _ in 0..times {
        assert!(is_over(pin!(Sleep::after(Duration::ZERO)), waker));
    }
}

#[test]
fn the_129th_in_a_row_is_pending_once_and_wakes_its_task() {
    let (task, waker) = task();
    spend(&waker, 128);
    let mut sleep = pin!(Sleep::after(Duration::ZERO));
    assert!(!is_over(sleep.as_mut(), &waker));
    assert_eq!(task.0.load(Ordering::SeqCst), 1);
    assert!(!sleep.is_elapsed());
    assert!(is_over(sleep.as_mut(), &waker));
    assert!(sleep.is_elapsed());
    spend(&waker, 127);
    assert!(!is_over(sleep.as_mut(), &waker));
}

#[test]
fn whatever_the_task_polls_after_it_is_pending_too_until_the_task_is_polled_anew() {
    let (_task, waker) = task();
    spend(&waker, 128);
    let mut limited = pin!(Sleep::after(Duration::ZERO));
    let mut limit = pin!(Sleep::after(Duration::ZERO));
    assert!(!is_over(limited.as_mut(), &waker));
    assert!(!is_over(limit.as_mut(), &waker));
    assert!(is_over(limited.as_mut(), &waker));
}

#[test]
fn another_task_on_the_thread_begins_a_row_of_its_own() {
    let ((_first, first), (_second, second)) = (task(), task());
    spend(&first, 128);
    spend(&second, 128);
    spend(&first, 128);
    assert!(!is_over(pin!(Sleep::after(Duration::ZERO)), &first));
}

#[test]
fn an_operation_that_was_put_off_and_dropped_is_not_waited_for() {
    let (task, waker) = task();
    spend(&waker, 128);
    assert!(!is_over(pin!(Sleep::after(Duration::ZERO)), &waker));
    let mut next = pin!(Sleep::after(Duration::ZERO));
    assert!(!is_over(next.as_mut(), &waker));
    assert!(is_over(next.as_mut(), &waker));
    assert_eq!(task.0.load(Ordering::SeqCst), 2);
    spend(&waker, 127);
}

#[test]
fn a_limit_that_was_put_off_fires_though_what_it_limits_is_ready_again_and_again() {
    let (_task, waker) = task();
    let mut limit = pin!(Sleep::after(Duration::ZERO));
    spend(&waker, 128);
    let mut limited = pin!(Sleep::after(Duration::ZERO));
    assert!(!is_over(limited.as_mut(), &waker));
    assert!(!is_over(limit.as_mut(), &waker));
    assert!(is_over(limited.as_mut(), &waker));
    spend(&waker, 127);
    assert!(!is_over(pin!(Sleep::after(Duration::ZERO)), &waker));
    assert!(is_over(limit.as_mut(), &waker));
}

#[test]
fn what_is_polled_outside_of_tasks_is_always_ready() {
    for _ in 0..1000 {
        assert_eq!(
            pin!(Sleep::after(Duration::ZERO)).poll(&mut Context::from_waker(Waker::noop())),
            Poll::Ready(())
        );
    }
}
