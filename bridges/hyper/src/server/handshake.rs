use std::future::{Future, Ready, ready};
use std::io;

use futures_io::{AsyncRead, AsyncWrite};

/// No handshake: HTTP begins at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

macro_rules! handshake {
    ($(#[$doc:meta])* $handshake:ident $(, $send:ident)?) => {
        $(#[$doc])*
        pub trait $handshake<S> {
            /// What HTTP is spoken over.
            type Stream: AsyncRead + AsyncWrite + Unpin $(+ $send)? + 'static;
            /// The handshake under way.
            type Future: Future<Output = io::Result<Self::Stream>> $(+ $send)? + 'static;

            /// Begins the handshake on a connection that was accepted.
            fn handshake(&self, stream: S) -> Self::Future;
        }

        impl<S> $handshake<S> for Plain
        where
            S: AsyncRead + AsyncWrite + Unpin $(+ $send)? + 'static,
        {
            type Stream = S;
            type Future = Ready<io::Result<S>>;

            #[inline]
            fn handshake(&self, stream: S) -> Self::Future {
                ready(Ok(stream))
            }
        }

        impl<F, S, Begun, T> $handshake<S> for F
        where
            F: Fn(S) -> Begun,
            Begun: Future<Output = io::Result<T>> $(+ $send)? + 'static,
            T: AsyncRead + AsyncWrite + Unpin $(+ $send)? + 'static,
        {
            type Stream = T;
            type Future = Begun;

            #[inline]
            fn handshake(&self, stream: S) -> Begun {
                self(stream)
            }
        }
    };
}

handshake! {
    /// What a [`Server`](crate::Server) does with a connection before it speaks HTTP, such as TLS.
    ///
    /// Closures from a stream to a future are handshakes. The handshake runs in the connection's own task, so that a slow peer
    /// delays nobody else. A shutdown drops it.
    Handshake, Send
}

handshake! {
    /// What a [`LocalServer`](crate::LocalServer) does with a connection before it speaks HTTP, such as TLS.
    ///
    /// As [`Handshake`], and nothing need be `Send`.
    LocalHandshake
}
