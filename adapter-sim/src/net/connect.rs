use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::Pending;
use super::call::{self, Home};
use super::stream::TcpStream;
#[cfg(unix)]
use super::stream::UnixStream;
use super::wire::slab::Id;

macro_rules! connect {
    ($connect:ident, $stream:ident) => {
        /// An attempt to connect, which began when it was made. Dropping it gives up.
        ///
        /// # Panics
        ///
        /// When it is polled after it was ready.
        #[derive(Debug)]
        #[must_use = "futures do nothing unless polled"]
        pub struct $connect(Option<io::Result<$stream>>);

        impl $connect {
            pub(super) fn new(shared: &Home, id: io::Result<Id>) -> Self {
                Self(Some(id.map(|id| $stream::new(shared, id))))
            }
        }

        impl Future for $connect {
            type Output = io::Result<$stream>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                if let Some(Ok(stream)) = &self.0 {
                    let (shared, id) = stream.parts();
                    let connected =
                        call::poll(shared, cx, Pending::Connect(id), |wire, m, waker| {
                            wire.poll_connected(id, waker, m)
                        });
                    if let Err(error) = ready!(connected) {
                        self.0 = None;
                        return Poll::Ready(Err(error));
                    }
                }
                match self.0.take() {
                    Some(result) => Poll::Ready(result),
                    None => panic!("an attempt to connect was polled after it was ready"),
                }
            }
        }
    };
}

connect!(Connect, TcpStream);
#[cfg(unix)]
connect!(UnixConnect, UnixStream);
