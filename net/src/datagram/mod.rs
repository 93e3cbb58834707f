mod datagram_trait;
mod readiness;
mod recv;
mod recv_from;
mod send;
mod send_to;
mod udp_socket;

pub use datagram_trait::Datagram;
pub use readiness::Readiness;
pub use recv::Recv;
pub use recv_from::RecvFrom;
pub use send::Send;
pub use send_to::SendTo;
pub use udp_socket::UdpSocket;
