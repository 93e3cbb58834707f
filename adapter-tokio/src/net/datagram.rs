/// Implements a datagram socket on tokio's own. Clones are handles to the same one.
macro_rules! datagram {
    (
        $socket:ident, $native:ty, $std:ty, $addr:ty, $convert:expr, $kind:literal,
        poll_send_to: |$io:ident, $cx:ident, $buf:ident, $to:ident| $poll_send_to:expr,
        try_send_to: $try_send_to:expr,
        connect: $connect:expr
    ) => {
        #[doc = concat!("A ", $kind, " socket of tokio's. Clones are handles to the same one.")]
        ///
        /// # Cost
        ///
        /// 8 bytes. Three allocations more than tokio's own: one for the handles, and two for the tasks that wait beside each other.
        #[derive(Clone, Debug)]
        pub struct $socket(::std::sync::Arc<Shared>);

        #[derive(Debug)]
        struct Shared {
            io: $native,
            receiving: ::anyrt_net::WaitList,
            sending: ::anyrt_net::WaitList,
        }

        impl $socket {
            /// Registers the socket with the runtime around, which must not block.
            pub(super) fn from_std(socket: $std) -> ::std::io::Result<Self> {
                <$native>::from_std(socket).map(Self::new)
            }

            fn new(io: $native) -> Self {
                Self(::std::sync::Arc::new(Shared {
                    io,
                    receiving: ::anyrt_net::WaitList::new(),
                    sending: ::anyrt_net::WaitList::new(),
                }))
            }
        }

        impl ::anyrt_net::Datagram for $socket {
            type Addr = $addr;
            type Waiter = ::anyrt_net::Place;

            fn poll_readiness(
                &self,
                waiter: &mut ::anyrt_net::Place,
                cx: &mut ::std::task::Context<'_>,
                interest: ::anyrt_net::Interest,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                let Shared {
                    io,
                    receiving,
                    sending,
                } = &*self.0;
                match interest {
                    ::anyrt_net::Interest::Read => {
                        receiving.poll(waiter, cx, |cx| io.poll_recv_ready(cx))
                    }
                    ::anyrt_net::Interest::Write => {
                        sending.poll(waiter, cx, |cx| io.poll_send_ready(cx))
                    }
                }
            }

            #[inline]
            fn poll_recv_from(
                &self,
                waiter: &mut ::anyrt_net::Place,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut [u8],
            ) -> ::std::task::Poll<::std::io::Result<(usize, $addr)>> {
                let mut buf = ::tokio::io::ReadBuf::new(buf);
                let peer = ::std::task::ready!(
                    self.0
                        .receiving
                        .poll(waiter, cx, |cx| self.0.io.poll_recv_from(cx, &mut buf))
                )?;
                ::std::task::Poll::Ready(Ok((buf.filled().len(), $convert(peer))))
            }

            #[inline]
            fn poll_send_to(
                &self,
                waiter: &mut ::anyrt_net::Place,
                cx: &mut ::std::task::Context<'_>,
                $buf: &[u8],
                $to: &$addr,
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                let $io = &self.0.io;
                self.0.sending.poll(waiter, cx, |$cx| $poll_send_to)
            }

            #[inline]
            fn poll_recv(
                &self,
                waiter: &mut ::anyrt_net::Place,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut [u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                let mut buf = ::tokio::io::ReadBuf::new(buf);
                ::std::task::ready!(
                    self.0
                        .receiving
                        .poll(waiter, cx, |cx| self.0.io.poll_recv(cx, &mut buf))
                )?;
                ::std::task::Poll::Ready(Ok(buf.filled().len()))
            }

            #[inline]
            fn poll_send(
                &self,
                waiter: &mut ::anyrt_net::Place,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                self.0
                    .sending
                    .poll(waiter, cx, |cx| self.0.io.poll_send(cx, buf))
            }

            fn try_recv_from(&self, buf: &mut [u8]) -> ::std::io::Result<(usize, $addr)> {
                let (n, peer) = self.0.io.try_recv_from(buf)?;
                Ok((n, $convert(peer)))
            }

            fn try_send_to(&self, $buf: &[u8], $to: &$addr) -> ::std::io::Result<usize> {
                let $io = &self.0.io;
                $try_send_to
            }

            fn connect(&self, peer: &$addr) -> ::std::io::Result<()> {
                $connect(&self.0.io, peer)
            }

            fn local_addr(&self) -> ::std::io::Result<$addr> {
                self.0.io.local_addr().map($convert)
            }

            fn peer_addr(&self) -> ::std::io::Result<$addr> {
                self.0.io.peer_addr().map($convert)
            }
        }

        $crate::net::registered::os_socket!($socket, |this| this.0.io);
    };
}

pub(super) use datagram;
