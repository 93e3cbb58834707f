//! Many wakers behind one.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyrt_models::{Place, WaitList, explore};
use shuttle::future::block_on;
use shuttle::sync::Mutex;
use shuttle::thread;

/// A socket of a runtime that keeps one waker: how many messages are there, and who is told of the next.
#[derive(Debug, Default)]
struct Socket {
    state: Mutex<(usize, Option<Waker>)>,
}

impl Socket {
    fn arrive(&self) {
        let waker = {
            let mut state = self.state.lock().expect("no panic");
            state.0 += 1;
            state.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    fn poll_take(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock().expect("no panic");
        if state.0 > 0 {
            state.0 -= 1;
            return Poll::Ready(());
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

fn take(list: &WaitList, socket: &Socket) {
    let mut place = Place::default();
    block_on(poll_fn(|cx| {
        list.poll(&mut place, cx, |cx| socket.poll_take(cx))
    }));
}

#[test]
fn each_of_many_waiters_gets_a_message() {
    explore(|| {
        let shared = Arc::new((WaitList::new(), Socket::default()));
        let takers: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || take(&shared.0, &shared.1))
            })
            .collect();
        let sends = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.arrive();
                shared.1.arrive();
            })
        };
        for thread in takers.into_iter().chain([sends]) {
            thread.join().expect("no panic");
        }
        assert_eq!(
            shared.1.state.lock().expect("no panic").0,
            0,
            "messages that are left"
        );
    });
}

#[test]
fn a_waiter_that_is_dropped_takes_no_wake_with_it() {
    explore(|| {
        let shared = Arc::new((WaitList::new(), Socket::default()));
        let goes = {
            let shared = shared.clone();
            thread::spawn(move || {
                let mut place = Place::default();
                let mut cx = Context::from_waker(Waker::noop());
                let poll = shared
                    .0
                    .poll(&mut place, &mut cx, |cx| shared.1.poll_take(cx));
                if poll.is_ready() {
                    // It gives back what it took.
                    shared.1.arrive();
                }
            })
        };
        let stays = {
            let shared = shared.clone();
            thread::spawn(move || take(&shared.0, &shared.1))
        };
        let sends = {
            let shared = shared.clone();
            thread::spawn(move || shared.1.arrive())
        };
        for thread in [goes, stays, sends] {
            thread.join().expect("no panic");
        }
    });
}
