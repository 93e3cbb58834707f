use std::fmt;
use std::io;

/// The name of an option of a socket, as errors show it.
///
/// # Examples
///
/// ```
/// use anyrt_net::SocketOption;
///
/// let error = SocketOption::ReusePort.unsupported("my runtime");
/// assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
/// assert!(error.to_string().contains("reuse_port"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SocketOption {
    /// The address to connect from.
    LocalAddr,
    /// Small writes go out at once.
    Nodelay,
    /// Idle connections are probed.
    Keepalive,
    /// The system's send buffer.
    SendBufferSize,
    /// The system's receive buffer.
    RecvBufferSize,
    /// How many connections wait to be accepted.
    Backlog,
    /// A port in its closing time may be bound.
    ReuseAddr,
    /// Several sockets may be bound to one port.
    ReusePort,
    /// An IPv6 socket refuses IPv4.
    OnlyV6,
    /// Messages may be sent to a broadcast address.
    Broadcast,
}

impl SocketOption {
    /// The option as it is spelt in a program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LocalAddr => "local_addr",
            Self::Nodelay => "nodelay",
            Self::Keepalive => "keepalive",
            Self::SendBufferSize => "send_buffer_size",
            Self::RecvBufferSize => "recv_buffer_size",
            Self::Backlog => "backlog",
            Self::ReuseAddr => "reuse_addr",
            Self::ReusePort => "reuse_port",
            Self::OnlyV6 => "only_v6",
            Self::Broadcast => "broadcast",
        }
    }

    /// The error of a backend that does not have this option; for adapters.
    pub fn unsupported(self, runtime: &str) -> io::Error {
        io::Error::new(
            io::ErrorKind::Unsupported,
            format!("the sockets of {runtime} do not have the option `{self}`: leave it unset"),
        )
    }

    /// The error for an option that a socket has for good once it was made; for adapters.
    pub fn settled(self, runtime: &str) -> io::Error {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "a socket of {runtime} has its `{self}` for good: set the option when the socket is made"
            ),
        )
    }

    /// Refuses the first of `set` that is not in `honoured`.
    pub(super) fn check(set: &[(Self, bool)], runtime: &str, honoured: &[Self]) -> io::Result<()> {
        match set
            .iter()
            .find(|(option, is_set)| *is_set && !honoured.contains(option))
        {
            Some((option, _)) => Err(option.unsupported(runtime)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for SocketOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
