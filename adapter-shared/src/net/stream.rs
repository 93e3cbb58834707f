/// Implements a stream and its halves on `Async` of std's.
macro_rules! stream {
    ($stream:ident, $read:ident, $write:ident, $native:ty, $addr:ty, $kind:literal) => {
        #[doc = concat!("A ", $kind, " stream on async-io.")]
        #[derive(Debug)]
        pub struct $stream(pub(super) ::async_io::Async<$native>);

        #[doc = concat!("The half of a [`", stringify!($stream), "`] that reads.")]
        #[derive(Debug)]
        pub struct $read(::std::sync::Arc<::async_io::Async<$native>>);

        #[doc = concat!("The half of a [`", stringify!($stream), "`] that writes; its drop shuts the write side down.")]
        #[derive(Debug)]
        pub struct $write(::std::sync::Arc<::async_io::Async<$native>>);

        $crate::net::stream::stream!(@read $stream);
        $crate::net::stream::stream!(@read $read);
        $crate::net::stream::stream!(@write $stream);
        $crate::net::stream::stream!(@write $write);
        $crate::net::stream::stream!(@ready $stream);
        $crate::net::stream::stream!(@ready $read);
        $crate::net::stream::stream!(@ready $write);

        impl $stream {
            /// Takes over a stream of std's, and makes it non-blocking.
            ///
            /// # Errors
            ///
            /// What the system reports.
            pub fn from_std(stream: $native) -> ::std::io::Result<Self> {
                ::async_io::Async::new(stream).map(Self)
            }

            /// Gives the stream of std's back, non-blocking.
            ///
            /// # Errors
            ///
            /// What the system reports.
            pub fn into_std(self) -> ::std::io::Result<$native> {
                self.0.into_inner()
            }
        }

        impl ::anyrt_net::Stream for $stream {
            type Addr = $addr;
            type ReadHalf = $read;
            type WriteHalf = $write;

            #[inline]
            fn try_read(&self, buf: &mut [u8]) -> ::std::io::Result<usize> {
                ::std::io::Read::read(&mut self.0.get_ref(), buf)
            }

            #[inline]
            fn try_write(&self, buf: &[u8]) -> ::std::io::Result<usize> {
                ::std::io::Write::write(&mut self.0.get_ref(), buf)
            }

            #[inline]
            fn into_split(self) -> ($read, $write) {
                let io = ::std::sync::Arc::new(self.0);
                ($read(::std::sync::Arc::clone(&io)), $write(io))
            }

            fn local_addr(&self) -> ::std::io::Result<$addr> {
                self.0.get_ref().local_addr()
            }

            fn peer_addr(&self) -> ::std::io::Result<$addr> {
                self.0.get_ref().peer_addr()
            }

            fn shutdown(&self, how: ::std::net::Shutdown) -> ::std::io::Result<()> {
                ::anyrt_socket::gone_is_fine(self.0.get_ref().shutdown(how))
            }
        }

        impl $crate::net::connect::Connected<$native> for $stream {
            #[inline]
            fn connected(socket: ::async_io::Async<$native>) -> Self {
                Self(socket)
            }

            #[inline]
            fn take_error(socket: &$native) -> ::std::io::Result<Option<::std::io::Error>> {
                socket.take_error()
            }
        }

        impl Drop for $write {
            fn drop(&mut self) {
                // Nobody can be told, and the connection may be gone.
                let _ = self.0.get_ref().shutdown(::std::net::Shutdown::Write);
            }
        }

        $crate::net::registered::os_socket!($stream);
    };
    (@read $type:ident) => {
        impl ::anyrt_net::AsyncRead for $type {
            #[inline]
            fn poll_read(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut [u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if buf.is_empty() {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                $crate::net::poll::poll_io(
                    &self.0,
                    cx,
                    ::anyrt_net::Interest::Read,
                    |mut socket| ::std::io::Read::read(&mut socket, buf),
                )
            }

            #[inline]
            fn poll_read_vectored(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                bufs: &mut [::std::io::IoSliceMut<'_>],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if bufs.iter().all(|buf| buf.is_empty()) {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                $crate::net::poll::poll_io(
                    &self.0,
                    cx,
                    ::anyrt_net::Interest::Read,
                    |mut socket| ::std::io::Read::read_vectored(&mut socket, bufs),
                )
            }
        }
    };
    (@write $type:ident) => {
        impl ::anyrt_net::AsyncWrite for $type {
            #[inline]
            fn poll_write(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if buf.is_empty() {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                $crate::net::poll::poll_io(
                    &self.0,
                    cx,
                    ::anyrt_net::Interest::Write,
                    |mut socket| ::std::io::Write::write(&mut socket, buf),
                )
            }

            #[inline]
            fn poll_write_vectored(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                bufs: &[::std::io::IoSlice<'_>],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if bufs.iter().all(|buf| buf.is_empty()) {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                $crate::net::poll::poll_io(
                    &self.0,
                    cx,
                    ::anyrt_net::Interest::Write,
                    |mut socket| ::std::io::Write::write_vectored(&mut socket, bufs),
                )
            }

            #[inline]
            fn poll_flush(
                self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                ::std::task::Poll::Ready(Ok(()))
            }

            #[inline]
            fn poll_close(
                self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let closed = self.0.get_ref().shutdown(::std::net::Shutdown::Write);
                ::std::task::Poll::Ready(::anyrt_socket::gone_is_fine(closed))
            }
        }
    };
    (@ready $type:ident) => {
        impl ::anyrt_net::Ready for $type {
            #[inline]
            fn poll_ready(
                &self,
                cx: &mut ::std::task::Context<'_>,
                interest: ::anyrt_net::Interest,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                $crate::net::poll::poll_ready(&self.0, cx, interest)
            }
        }
    };
}

pub(super) use stream;
