//! A mailbox of one letter. Planted: a lost wake-up.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use anyrt_core::yield_now;

/// Holds one letter for one reader.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    letter: Option<u32>,
    reader: Option<Waker>,
}

impl Mailbox {
    /// Leaves a letter, and wakes the reader.
    pub fn put(&self, letter: u32) {
        let reader = {
            let mut inner = self.inner.lock().expect("nobody panics");
            inner.letter = Some(letter);
            inner.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Waits for a letter.
    ///
    /// Looks, is polite, and only then registers: a letter that comes in between wakes nobody. To look once more after
    /// registering would find it.
    pub async fn take(&self) -> u32 {
        loop {
            if let Some(letter) = self.inner.lock().expect("nobody panics").letter.take() {
                return letter;
            }
            yield_now().await;
            self.wait().await;
        }
    }

    async fn wait(&self) {
        let mut registered = false;
        std::future::poll_fn(|cx| {
            if registered {
                return Poll::Ready(());
            }
            registered = true;
            self.inner.lock().expect("nobody panics").reader = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
