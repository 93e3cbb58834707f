/// Implements the traits of a runtime's sockets for a wrapper around a runtime, so that the wrapper passes sockets on.
///
/// # For runtime authors
///
/// For what wraps a handle or holds one: references, instrumented handles, local handles. Name the generics with what bounds
/// them beside the traits, the wrapper, the type inside, an expression that yields a reference to that, and the traits.
///
/// # Examples
///
/// ```
/// /// A handle that counts something.
/// struct Counted<R> {
///     inner: R,
/// }
///
/// anyrt_net::forward_net! {
///     [R] Counted<R> as R, |this| this.inner;
///     Tcp, Udp, Resolve, Signals
/// }
/// # fn has_sockets<R: anyrt_net::Net>() {}
/// # has_sockets::<Counted<anyrt_tokio::Tokio>>();
/// ```
#[macro_export]
macro_rules! forward_net {
    (@Tcp [$($generic:ident $(: $bound:path)?)?] $type:ty as $inner:ty, |$this:ident| $target:expr) => {
        impl$(<$generic $(: $bound)?>)? $crate::Tcp for $type
        where
            $inner: $crate::Tcp,
        {
            type TcpStream = <$inner as $crate::Tcp>::TcpStream;
            type TcpListener = <$inner as $crate::Tcp>::TcpListener;
            type TcpConnect = <$inner as $crate::Tcp>::TcpConnect;

            #[inline]
            #[track_caller]
            fn tcp_connect_with(
                &self,
                addr: ::std::net::SocketAddr,
                options: &$crate::TcpOptions,
            ) -> Self::TcpConnect {
                let $this = self;
                $crate::Tcp::tcp_connect_with(&$target, addr, options)
            }

            #[inline]
            #[track_caller]
            fn tcp_listen_with(
                &self,
                addr: ::std::net::SocketAddr,
                options: &$crate::ListenOptions,
            ) -> ::std::io::Result<Self::TcpListener> {
                let $this = self;
                $crate::Tcp::tcp_listen_with(&$target, addr, options)
            }
        }
    };
    (@Udp [$($generic:ident $(: $bound:path)?)?] $type:ty as $inner:ty, |$this:ident| $target:expr) => {
        impl$(<$generic $(: $bound)?>)? $crate::Udp for $type
        where
            $inner: $crate::Udp,
        {
            type UdpSocket = <$inner as $crate::Udp>::UdpSocket;

            #[inline]
            #[track_caller]
            fn udp_bind_with(
                &self,
                addr: ::std::net::SocketAddr,
                options: &$crate::UdpOptions,
            ) -> ::std::io::Result<Self::UdpSocket> {
                let $this = self;
                $crate::Udp::udp_bind_with(&$target, addr, options)
            }
        }
    };
    (@Resolve [$($generic:ident $(: $bound:path)?)?] $type:ty as $inner:ty, |$this:ident| $target:expr) => {
        impl$(<$generic $(: $bound)?>)? $crate::Resolve for $type
        where
            $inner: $crate::Resolve,
        {
            type Lookup = <$inner as $crate::Resolve>::Lookup;

            #[inline]
            #[track_caller]
            fn resolve(&self, host: &str, port: u16) -> Self::Lookup {
                let $this = self;
                $crate::Resolve::resolve(&$target, host, port)
            }
        }
    };
    (@Signals [$($generic:ident $(: $bound:path)?)?] $type:ty as $inner:ty, |$this:ident| $target:expr) => {
        impl$(<$generic $(: $bound)?>)? $crate::Signals for $type
        where
            $inner: $crate::Signals,
        {
            type Signals = <$inner as $crate::Signals>::Signals;

            #[inline]
            fn signals(&self, kind: $crate::SignalKind) -> ::std::io::Result<Self::Signals> {
                let $this = self;
                $crate::Signals::signals(&$target, kind)
            }
        }
    };
    (@Unix [$($generic:ident $(: $bound:path)?)?] $type:ty as $inner:ty, |$this:ident| $target:expr) => {
        impl$(<$generic $(: $bound)?>)? $crate::Unix for $type
        where
            $inner: $crate::Unix,
        {
            type UnixStream = <$inner as $crate::Unix>::UnixStream;
            type UnixListener = <$inner as $crate::Unix>::UnixListener;
            type UnixConnect = <$inner as $crate::Unix>::UnixConnect;
            type UnixDatagram = <$inner as $crate::Unix>::UnixDatagram;

            #[inline]
            #[track_caller]
            fn unix_connect(&self, path: &::std::path::Path) -> Self::UnixConnect {
                let $this = self;
                $crate::Unix::unix_connect(&$target, path)
            }

            #[inline]
            #[track_caller]
            fn unix_listen_with(
                &self,
                path: &::std::path::Path,
                options: &$crate::ListenOptions,
            ) -> ::std::io::Result<Self::UnixListener> {
                let $this = self;
                $crate::Unix::unix_listen_with(&$target, path, options)
            }

            #[inline]
            fn unix_pair(&self) -> ::std::io::Result<(Self::UnixStream, Self::UnixStream)> {
                let $this = self;
                $crate::Unix::unix_pair(&$target)
            }

            #[inline]
            #[track_caller]
            fn unix_bind(&self, path: &::std::path::Path) -> ::std::io::Result<Self::UnixDatagram> {
                let $this = self;
                $crate::Unix::unix_bind(&$target, path)
            }

            #[inline]
            fn unix_unbound(&self) -> ::std::io::Result<Self::UnixDatagram> {
                let $this = self;
                $crate::Unix::unix_unbound(&$target)
            }

            #[inline]
            fn unix_datagram_pair(
                &self,
            ) -> ::std::io::Result<(Self::UnixDatagram, Self::UnixDatagram)> {
                let $this = self;
                $crate::Unix::unix_datagram_pair(&$target)
            }
        }
    };
    (@OsNet [$($generic:ident $(: $bound:path)?)?] $type:ty as $inner:ty, |$this:ident| $target:expr) => {
        impl$(<$generic $(: $bound)?>)? $crate::OsNet for $type
        where
            $inner: $crate::OsNet,
        {
            type Registered = <$inner as $crate::OsNet>::Registered;

            #[inline]
            #[track_caller]
            fn tcp_from_std(
                &self,
                stream: ::std::net::TcpStream,
            ) -> ::std::io::Result<Self::TcpStream> {
                let $this = self;
                $crate::OsNet::tcp_from_std(&$target, stream)
            }

            #[inline]
            #[track_caller]
            fn tcp_listener_from_std(
                &self,
                listener: ::std::net::TcpListener,
            ) -> ::std::io::Result<Self::TcpListener> {
                let $this = self;
                $crate::OsNet::tcp_listener_from_std(&$target, listener)
            }

            #[inline]
            #[track_caller]
            fn udp_from_std(
                &self,
                socket: ::std::net::UdpSocket,
            ) -> ::std::io::Result<Self::UdpSocket> {
                let $this = self;
                $crate::OsNet::udp_from_std(&$target, socket)
            }

            #[inline]
            fn tcp_into_std(
                &self,
                stream: Self::TcpStream,
            ) -> ::std::io::Result<::std::net::TcpStream> {
                let $this = self;
                $crate::OsNet::tcp_into_std(&$target, stream)
            }

            #[inline]
            fn tcp_listener_into_std(
                &self,
                listener: Self::TcpListener,
            ) -> ::std::io::Result<::std::net::TcpListener> {
                let $this = self;
                $crate::OsNet::tcp_listener_into_std(&$target, listener)
            }

            #[inline]
            fn udp_into_std(
                &self,
                socket: Self::UdpSocket,
            ) -> ::std::io::Result<::std::net::UdpSocket> {
                let $this = self;
                $crate::OsNet::udp_into_std(&$target, socket)
            }

            #[inline]
            #[track_caller]
            fn register(
                &self,
                socket: $crate::OwnedOsSocket,
            ) -> ::std::io::Result<Self::Registered> {
                let $this = self;
                $crate::OsNet::register(&$target, socket)
            }
        }
    };
    ($generics:tt $type:ty as $inner:ty, |$this:ident| $target:expr; $($trait:ident),+ $(,)?) => {$(
        $crate::forward_net! { @$trait $generics $type as $inner, |$this| $target }
    )+};
}
