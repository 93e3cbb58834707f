/// What is done with sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOperation {
    /// A byte there and back.
    Echo,
    /// 64 KiB there and back.
    Echo64k,
    /// A datagram there and back.
    Udp,
    /// A connection that is made, accepted and dropped.
    Accept,
    /// A byte there and back, read where the readiness says so.
    Ready,
    /// A byte there and back over two halves.
    Split,
    /// A listener that is made and dropped.
    Listen,
    /// A datagram socket that is made and dropped.
    Bind,
    /// A connection that stays open.
    Open,
}

impl SocketOperation {
    /// All operations.
    pub const ALL: [Self; 9] = [
        Self::Echo,
        Self::Echo64k,
        Self::Udp,
        Self::Accept,
        Self::Ready,
        Self::Split,
        Self::Listen,
        Self::Bind,
        Self::Open,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Echo64k => "echo64k",
            Self::Udp => "udp",
            Self::Accept => "accept",
            Self::Ready => "ready",
            Self::Split => "split",
            Self::Listen => "listen",
            Self::Bind => "bind",
            Self::Open => "open",
        }
    }
}
