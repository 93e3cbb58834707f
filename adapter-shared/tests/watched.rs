//! A handle that is asked whether its task is finished, while somebody waits for it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use anyrt_shared::{Contained, Watched};

/// Is ready once the flag is set, and wakes nobody: whoever's poll finds the end is the one who knows.
#[derive(Default)]
struct Native(Arc<AtomicBool>);

impl Future for Native {
    type Output = Option<Contained<u32>>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.load(Ordering::SeqCst) {
            true => Poll::Ready(Some(Contained::new(42))),
            false => Poll::Pending,
        }
    }
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_joiner_is_woken_when_somebody_else_finds_the_end() {
    let native = Native::default();
    let done = native.0.clone();
    let mut watched = Watched::new(native);
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let cx = &mut Context::from_waker(&waker);
    assert!(watched.poll_join(cx).is_pending());
    assert!(!watched.is_finished());
    assert_eq!(count.0.load(Ordering::SeqCst), 0);

    done.store(true, Ordering::SeqCst);
    assert!(watched.is_finished());
    assert_eq!(
        count.0.load(Ordering::SeqCst),
        1,
        "the joiner would wait for ever"
    );
    assert!(watched.is_finished());
    let Poll::Ready(Ok(output)) = watched.poll_join(cx) else {
        panic!("what was found is kept");
    };
    assert_eq!(output, 42);
}
