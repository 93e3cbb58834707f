use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use event_listener::Event;
use openraft_rt::watch::{self, RecvError, SendError};
use openraft_rt::{OptionalSend, OptionalSync};

/// A watch channel that wakes its receivers in the order in which they began to wait.
///
/// tokio's `watch` spreads its receivers over random shards, so a simulation that runs openraft over it cannot be replayed.
///
/// # Examples
///
/// ```
/// use anyrt_openraft::OrderedWatch;
/// use openraft_rt::watch::{Watch, WatchReceiver, WatchSender};
///
/// # futures::executor::block_on(async {
/// let (sender, mut receiver) = OrderedWatch::channel(1);
/// sender.send(2).unwrap();
/// receiver.changed().await.unwrap();
/// assert_eq!(*receiver.borrow_watched(), 2);
/// # });
/// ```
#[derive(Debug)]
pub struct OrderedWatch;

struct Versioned<T> {
    value: T,
    version: u64,
}

struct Channel<T> {
    state: RwLock<Versioned<T>>,
    changed: Event,
    senders: AtomicUsize,
    receivers: AtomicUsize,
}

impl<T> Channel<T> {
    // A panic in a closure of `send_if_modified` leaves a value that others may still read, as tokio's channel has it.
    fn read(&self) -> RwLockReadGuard<'_, Versioned<T>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Versioned<T>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.senders.load(Ordering::SeqCst) == 0
    }

    fn receiver(channel: &Arc<Self>, seen: u64) -> OrderedReceiver<T> {
        channel.receivers.fetch_add(1, Ordering::SeqCst);
        OrderedReceiver {
            channel: Arc::clone(channel),
            seen,
        }
    }
}

/// The sender of an [`OrderedWatch`].
pub struct OrderedSender<T> {
    channel: Arc<Channel<T>>,
}

/// The receiver of an [`OrderedWatch`].
pub struct OrderedReceiver<T> {
    channel: Arc<Channel<T>>,
    seen: u64,
}

/// The value of an [`OrderedWatch`], borrowed. A sender waits until it is dropped.
pub struct OrderedRef<'a, T>(RwLockReadGuard<'a, Versioned<T>>);

impl<T> Deref for OrderedRef<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Clone for OrderedSender<T> {
    fn clone(&self) -> Self {
        self.channel.senders.fetch_add(1, Ordering::SeqCst);
        Self {
            channel: Arc::clone(&self.channel),
        }
    }
}

impl<T> Drop for OrderedSender<T> {
    fn drop(&mut self) {
        if self.channel.senders.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.channel.changed.notify(usize::MAX);
        }
    }
}

impl<T> Clone for OrderedReceiver<T> {
    fn clone(&self) -> Self {
        Channel::receiver(&self.channel, self.seen)
    }
}

impl<T> Drop for OrderedReceiver<T> {
    fn drop(&mut self) {
        self.channel.receivers.fetch_sub(1, Ordering::SeqCst);
    }
}

impl watch::Watch for OrderedWatch {
    type Sender<T: OptionalSend + OptionalSync> = OrderedSender<T>;
    type Receiver<T: OptionalSend + OptionalSync> = OrderedReceiver<T>;
    type Ref<'a, T: OptionalSend + 'a> = OrderedRef<'a, T>;

    fn channel<T: OptionalSend + OptionalSync>(init: T) -> (OrderedSender<T>, OrderedReceiver<T>) {
        let channel = Arc::new(Channel {
            state: RwLock::new(Versioned {
                value: init,
                version: 0,
            }),
            changed: Event::new(),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(0),
        });
        let receiver = Channel::receiver(&channel, 0);
        (OrderedSender { channel }, receiver)
    }
}

impl<T: OptionalSend + OptionalSync> watch::WatchSender<OrderedWatch, T> for OrderedSender<T> {
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.channel.receivers.load(Ordering::SeqCst) == 0 {
            return Err(SendError(value));
        }
        self.send_if_modified(|current| {
            *current = value;
            true
        });
        Ok(())
    }

    fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let mut state = self.channel.write();
        let is_modified = modify(&mut state.value);
        if is_modified {
            state.version += 1;
            drop(state);
            self.channel.changed.notify(usize::MAX);
        }
        is_modified
    }

    fn borrow_watched(&self) -> OrderedRef<'_, T> {
        OrderedRef(self.channel.read())
    }

    fn subscribe(&self) -> OrderedReceiver<T> {
        let seen = self.channel.read().version;
        Channel::receiver(&self.channel, seen)
    }
}

impl<T: OptionalSend + OptionalSync> OrderedReceiver<T> {
    /// What [`changed`](watch::WatchReceiver::changed) returns, if it need not wait.
    fn try_changed(&mut self) -> Option<Result<(), RecvError>> {
        // Asked before the version, so that no value is missed that was sent before the last sender went.
        let is_closed = self.channel.is_closed();
        let version = self.channel.read().version;
        if version != self.seen {
            self.seen = version;
            return Some(Ok(()));
        }
        is_closed.then_some(Err(RecvError(())))
    }
}

impl<T: OptionalSend + OptionalSync> watch::WatchReceiver<OrderedWatch, T> for OrderedReceiver<T> {
    async fn changed(&mut self) -> Result<(), RecvError> {
        loop {
            if let Some(result) = self.try_changed() {
                return result;
            }
            let listener = self.channel.changed.listen();
            if let Some(result) = self.try_changed() {
                drop(listener);
                return result;
            }
            listener.await;
        }
    }

    fn borrow_watched(&self) -> OrderedRef<'_, T> {
        OrderedRef(self.channel.read())
    }

    fn borrow_and_update(&mut self) -> OrderedRef<'_, T> {
        let state = self.channel.read();
        self.seen = state.version;
        OrderedRef(state)
    }
}

macro_rules! opaque {
    ($($name:ident),+) => {$(
        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

opaque!(OrderedSender, OrderedReceiver);

impl<T: fmt::Debug> fmt::Debug for OrderedRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
