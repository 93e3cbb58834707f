//! The measured operations on tokio, natively and through anyrt.

mod pairs;

pub mod native;
pub mod sockets;

pub use pairs::{OnTokio, current_thread, multi_thread, start};
