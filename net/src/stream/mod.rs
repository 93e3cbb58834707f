mod copy;
mod copy_bidirectional;
mod peek;
mod read_lent;
mod stream_trait;
mod tcp_stream;
mod transfer;

pub use copy::{Copy, copy};
pub use copy_bidirectional::{CopyBidirectional, copy_bidirectional};
pub use peek::Peek;
pub use read_lent::poll_read_lent;
pub use stream_trait::Stream;
pub use tcp_stream::TcpStream;
