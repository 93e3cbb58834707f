use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::SocketOption;

/// What a program asks of a TCP connection.
///
/// Every option is unset at first, which leaves the choice to the system. A backend that cannot honour one fails with
/// `Unsupported` and names it (`net::option_is_refused`); none is ever ignored (`net::option_is_honoured`). For options that
/// are not in here, configure a socket of std's or of socket2's and pass it to
/// [`OsNet::tcp_from_std`](crate::OsNet::tcp_from_std).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_net::{TcpOptions, prelude::*};
///
/// let options = TcpOptions::new().nodelay(true).keepalive(Duration::from_secs(60));
/// # use anyrt_core::{Config, prelude::*};
/// # let owner = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # let rt = owner.handle();
/// # owner.block_on(async {
/// # let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into())?;
/// # let addr = listener.local_addr()?;
/// let stream = rt.tcp_connect_with(addr, &options).await?;
/// assert_eq!(stream.options()?.nodelay, Some(true));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// The address to connect from. See [`local_addr()`](Self::local_addr()).
    pub local_addr: Option<SocketAddr>,
    /// Whether small writes go out at once. See [`nodelay()`](Self::nodelay()).
    pub nodelay: Option<bool>,
    /// How long a connection is idle before the system probes it. See [`keepalive()`](Self::keepalive()).
    pub keepalive: Option<Duration>,
    /// The system's send buffer, in bytes. See [`send_buffer_size()`](Self::send_buffer_size()).
    pub send_buffer_size: Option<usize>,
    /// The system's receive buffer, in bytes. See [`recv_buffer_size()`](Self::recv_buffer_size()).
    pub recv_buffer_size: Option<usize>,
}

impl TcpOptions {
    /// Leaves every choice to the system.
    pub const fn new() -> Self {
        Self {
            local_addr: None,
            nodelay: None,
            keepalive: None,
            send_buffer_size: None,
            recv_buffer_size: None,
        }
    }

    /// Sets the address to connect from; port 0 lets the system choose.
    pub fn local_addr(mut self, addr: SocketAddr) -> Self {
        self.local_addr = Some(addr);
        self
    }

    /// Says whether small writes go out at once, or wait to be gathered (the default of most systems).
    pub fn nodelay(mut self, nodelay: bool) -> Self {
        self.nodelay = Some(nodelay);
        self
    }

    /// Has the system probe a connection that was idle for so long. Systems count in whole seconds. Windows and OpenBSD do not tell
    /// the time, which reads back as zero there.
    pub fn keepalive(mut self, idle: Duration) -> Self {
        self.keepalive = Some(idle);
        self
    }

    /// Sets the system's send buffer, in bytes. The system may round it up, and limits it.
    pub fn send_buffer_size(mut self, bytes: usize) -> Self {
        self.send_buffer_size = Some(bytes);
        self
    }

    /// Sets the system's receive buffer, in bytes. The system may round it up, and limits it.
    pub fn recv_buffer_size(mut self, bytes: usize) -> Self {
        self.recv_buffer_size = Some(bytes);
        self
    }

    /// Refuses an option that is set and not in `honoured`; for adapters.
    ///
    /// # Errors
    ///
    /// `Unsupported`, naming the first such option and `runtime`.
    pub fn check(&self, runtime: &str, honoured: &[SocketOption]) -> io::Result<()> {
        // Exhaustive, so that a new field cannot be forgotten here.
        let Self {
            local_addr,
            nodelay,
            keepalive,
            send_buffer_size,
            recv_buffer_size,
        } = self;
        let set = [
            (SocketOption::LocalAddr, local_addr.is_some()),
            (SocketOption::Nodelay, nodelay.is_some()),
            (SocketOption::Keepalive, keepalive.is_some()),
            (SocketOption::SendBufferSize, send_buffer_size.is_some()),
            (SocketOption::RecvBufferSize, recv_buffer_size.is_some()),
        ];
        SocketOption::check(&set, runtime, honoured)
    }
}
