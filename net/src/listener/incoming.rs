use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::Timer;
use pin_project_lite::pin_project;

use super::failure::Failure;
use crate::Listener;

const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

pin_project! {
    /// Yields connections until the listener itself fails; made by [`Listener::incoming`].
    ///
    /// # Contract
    ///
    /// - A connection that was gone before it was accepted is passed over (`net::incoming_passes_over_aborted`).
    /// - When the process has run out of descriptors or the system out of memory, it pauses on the runtime's clock and tries
    ///   again: for 5 ms first, then twice as long each time, up to a second (`net::incoming_survives_exhaustion`).
    /// - Any other error is the listener's own. It is yielded, and the stream ends (`net::incoming_ends_with_the_listener`).
    ///
    /// # Cancellation
    ///
    /// Dropping a future that waits for the next connection loses none. Dropping the stream drops the listener.
    ///
    /// Rules: `net::incoming_gives_its_listener_back`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use futures::StreamExt;
    /// use anyrt_net::prelude::*;
    ///
    /// async fn serve<R: NetRuntime>(rt: R, listener: R::TcpListener) -> std::io::Result<()> {
    ///     let mut incoming = pin!(listener.incoming(rt.clone()));
    ///     while let Some(connection) = incoming.next().await {
    ///         let (stream, peer) = connection?;
    ///         rt.spawn_detached(async move {
    ///             println!("{peer} came");
    ///             drop(stream);
    ///         });
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct Incoming<L, T>
    where
        L: Listener,
        T: Timer,
    {
        listener: L,
        waiter: L::Waiter,
        timer: T,
        #[pin]
        pause: Option<T::Sleep>,
        next_pause: Duration,
        has_ended: bool,
    }
}

impl<L: Listener, T: Timer> Incoming<L, T> {
    pub(super) fn new(listener: L, timer: T) -> Self {
        Self {
            listener,
            waiter: L::Waiter::default(),
            timer,
            pause: None,
            next_pause: SHORTEST,
            has_ended: false,
        }
    }

    /// The listener.
    pub fn get_ref(&self) -> &L {
        &self.listener
    }

    /// Gives the listener back.
    pub fn into_inner(self) -> L {
        self.listener
    }
}

impl<L: Listener, T: Timer> futures_core::Stream for Incoming<L, T> {
    type Item = io::Result<(L::Stream, L::Addr)>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if *this.has_ended {
            return Poll::Ready(None);
        }
        loop {
            if let Some(pause) = this.pause.as_mut().as_pin_mut() {
                ready!(pause.poll(cx));
                this.pause.set(None);
            }
            match ready!(this.listener.poll_accept(this.waiter, cx)) {
                Ok(accepted) => {
                    *this.next_pause = SHORTEST;
                    return Poll::Ready(Some(Ok(accepted)));
                }
                Err(error) => match Failure::of(&error) {
                    Failure::Connection => {}
                    Failure::Exhausted => {
                        this.pause.set(Some(this.timer.sleep(*this.next_pause)));
                        *this.next_pause = LONGEST.min(*this.next_pause * 2);
                    }
                    Failure::Listener => {
                        *this.has_ended = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}

impl<L: Listener, T: Timer> fmt::Debug for Incoming<L, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}
