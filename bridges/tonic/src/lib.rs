#![doc = include_str!("../README.md")]

mod channel;
mod channel_body;
mod deadline;
mod deadlines;
mod server;
mod server_body;

pub use channel::{Calling, Channel, client};
pub use channel_body::ChannelBody;
pub use deadlines::{Answering, Deadlines};
pub use server::Server;
pub use server_body::ServerBody;
