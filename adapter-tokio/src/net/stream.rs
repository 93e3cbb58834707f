/// Implements a stream and its halves on tokio's own.
macro_rules! stream {
    (
        $stream:ident($native:ty, $std:ty),
        $read:ident($native_read:ty),
        $write:ident($native_write:ty),
        $addr:ty, $convert:expr, $kind:literal
    ) => {
        #[doc = concat!("A ", $kind, " stream of tokio's.")]
        ///
        /// # Cost
        ///
        /// As large as tokio's own stream, and nothing beside it.
        #[derive(Debug)]
        pub struct $stream(pub(super) $native);

        #[doc = concat!("The half of a [`", stringify!($stream), "`] that reads.")]
        #[derive(Debug)]
        pub struct $read($native_read);

        #[doc = concat!("The half of a [`", stringify!($stream), "`] that writes; its drop shuts the write side down.")]
        #[derive(Debug)]
        pub struct $write($native_write);

        $crate::net::stream::stream!(@read $stream, |this| this);
        $crate::net::stream::stream!(@read $read, |this| this.as_ref());
        $crate::net::stream::stream!(@write $stream);
        $crate::net::stream::stream!(@write $write);
        $crate::net::stream::stream!(@ready $stream, |this| this);
        $crate::net::stream::stream!(@ready $read, |this| this.as_ref());
        $crate::net::stream::stream!(@ready $write, |this| this.as_ref());

        impl $stream {
            /// Registers the stream with the runtime around, which must not block.
            pub(super) fn from_std(
                stream: $std,
            ) -> ::std::io::Result<Self> {
                <$native>::from_std(stream).map(Self)
            }

            /// tokio's own stream, for what only tokio offers.
            pub fn into_tokio(self) -> $native {
                self.0
            }
        }

        impl ::anyrt_net::Stream for $stream {
            type Addr = $addr;
            type ReadHalf = $read;
            type WriteHalf = $write;

            #[inline]
            fn try_read(&self, buf: &mut [u8]) -> ::std::io::Result<usize> {
                self.0.try_read(buf)
            }

            #[inline]
            fn try_write(&self, buf: &[u8]) -> ::std::io::Result<usize> {
                self.0.try_write(buf)
            }

            #[inline]
            fn into_split(self) -> ($read, $write) {
                let (read, write) = self.0.into_split();
                ($read(read), $write(write))
            }

            fn local_addr(&self) -> ::std::io::Result<$addr> {
                self.0.local_addr().map($convert)
            }

            fn peer_addr(&self) -> ::std::io::Result<$addr> {
                self.0.peer_addr().map($convert)
            }

            fn shutdown(&self, how: ::std::net::Shutdown) -> ::std::io::Result<()> {
                ::anyrt_socket::shutdown(&self.0, how)
            }
        }

        impl $crate::net::connect::Connecting for $stream {
            #[inline]
            fn poll_connected(
                &self,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                ::anyrt_net::Ready::poll_ready(self, cx, ::anyrt_net::Interest::Write)
            }

            #[inline]
            fn take_error(&self) -> ::std::io::Result<Option<::std::io::Error>> {
                self.0.take_error()
            }
        }

        $crate::net::registered::os_socket!($stream, |this| this.0);
    };
    (@read $type:ident, |$this:ident| $shared:expr) => {
        impl ::anyrt_net::AsyncRead for $type {
            #[inline]
            fn poll_read(
                mut self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut [u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if buf.is_empty() {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                let mut buf = ::tokio::io::ReadBuf::new(buf);
                let io = ::std::pin::Pin::new(&mut self.0);
                ::std::task::ready!(::tokio::io::AsyncRead::poll_read(io, cx, &mut buf))?;
                ::std::task::Poll::Ready(Ok(buf.filled().len()))
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
                let $this = &self.0;
                let io = $shared;
                $crate::net::context::poll_io(
                    cx,
                    |cx| io.poll_read_ready(cx),
                    || io.try_read_vectored(bufs),
                )
            }
        }
    };
    (@write $type:ident) => {
        impl ::anyrt_net::AsyncWrite for $type {
            #[inline]
            fn poll_write(
                mut self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if buf.is_empty() {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                ::tokio::io::AsyncWrite::poll_write(::std::pin::Pin::new(&mut self.0), cx, buf)
            }

            #[inline]
            fn poll_write_vectored(
                mut self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                bufs: &[::std::io::IoSlice<'_>],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                if bufs.iter().all(|buf| buf.is_empty()) {
                    return ::std::task::Poll::Ready(Ok(0));
                }
                let io = ::std::pin::Pin::new(&mut self.0);
                ::tokio::io::AsyncWrite::poll_write_vectored(io, cx, bufs)
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
                mut self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let io = ::std::pin::Pin::new(&mut self.0);
                ::tokio::io::AsyncWrite::poll_shutdown(io, cx).map(::anyrt_socket::gone_is_fine)
            }
        }
    };
    (@ready $type:ident, |$this:ident| $shared:expr) => {
        impl ::anyrt_net::Ready for $type {
            #[inline]
            fn poll_ready(
                &self,
                cx: &mut ::std::task::Context<'_>,
                interest: ::anyrt_net::Interest,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let $this = &self.0;
                match interest {
                    ::anyrt_net::Interest::Read => $shared.poll_read_ready(cx),
                    ::anyrt_net::Interest::Write => $shared.poll_write_ready(cx),
                }
            }
        }
    };
}

pub(super) use stream;
