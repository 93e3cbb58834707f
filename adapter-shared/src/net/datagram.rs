/// Implements a datagram socket on `Async` of std's. Clones are handles to the same one.
macro_rules! datagram {
    (
        $socket:ident, $std:ty, $addr:ty, $kind:literal,
        send_to: $send_to:expr,
        connect: $connect:expr
    ) => {
        #[doc = concat!("A ", $kind, " socket on async-io. Clones are handles to the same one.")]
        ///
        /// # Cost
        ///
        /// 8 bytes. One allocation more than async-io's own.
        #[derive(Clone, Debug)]
        pub struct $socket(::std::sync::Arc<::async_io::Async<$std>>);

        impl $socket {
            /// Takes over a socket of std's, and makes it non-blocking.
            ///
            /// # Errors
            ///
            /// What the system reports.
            pub fn from_std(socket: $std) -> ::std::io::Result<Self> {
                Ok(Self(::std::sync::Arc::new(::async_io::Async::new(socket)?)))
            }

            /// Gives the socket of std's back, non-blocking; another descriptor of it where there are more handles.
            ///
            /// # Errors
            ///
            /// What the system reports.
            pub fn into_std(self) -> ::std::io::Result<$std> {
                match ::std::sync::Arc::try_unwrap(self.0) {
                    Ok(io) => io.into_inner(),
                    Err(io) => io.get_ref().try_clone(),
                }
            }
        }

        impl ::anyrt_net::Datagram for $socket {
            type Addr = $addr;
            type Waiter = $crate::net::Waiter<$std>;

            #[inline]
            fn poll_readiness(
                &self,
                waiter: &mut Self::Waiter,
                cx: &mut ::std::task::Context<'_>,
                interest: ::anyrt_net::Interest,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                waiter.poll_ready(&self.0, cx, interest)
            }

            #[inline]
            fn poll_recv_from(
                &self,
                waiter: &mut Self::Waiter,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut [u8],
            ) -> ::std::task::Poll<::std::io::Result<(usize, $addr)>> {
                waiter.poll_io(&self.0, cx, ::anyrt_net::Interest::Read, |io| {
                    io.recv_from(buf)
                })
            }

            #[inline]
            fn poll_send_to(
                &self,
                waiter: &mut Self::Waiter,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
                to: &$addr,
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                waiter.poll_io(&self.0, cx, ::anyrt_net::Interest::Write, |io| {
                    $send_to(io, buf, to)
                })
            }

            #[inline]
            fn poll_recv(
                &self,
                waiter: &mut Self::Waiter,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut [u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                waiter.poll_io(&self.0, cx, ::anyrt_net::Interest::Read, |io| io.recv(buf))
            }

            #[inline]
            fn poll_send(
                &self,
                waiter: &mut Self::Waiter,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                waiter.poll_io(&self.0, cx, ::anyrt_net::Interest::Write, |io| io.send(buf))
            }

            fn try_recv_from(&self, buf: &mut [u8]) -> ::std::io::Result<(usize, $addr)> {
                self.0.get_ref().recv_from(buf)
            }

            fn try_send_to(&self, buf: &[u8], to: &$addr) -> ::std::io::Result<usize> {
                $send_to(self.0.get_ref(), buf, to)
            }

            fn connect(&self, peer: &$addr) -> ::std::io::Result<()> {
                $connect(self.0.get_ref(), peer)
            }

            fn local_addr(&self) -> ::std::io::Result<$addr> {
                self.0.get_ref().local_addr()
            }

            fn peer_addr(&self) -> ::std::io::Result<$addr> {
                self.0.get_ref().peer_addr()
            }
        }
    };
}

pub(super) use datagram;
