//! The measured operations on smol, natively and through anyrt.

mod pairs;

pub mod native;
pub mod sockets;

pub use pairs::{OnExecutor, OnSmol, OnSmolOwned, start, start_executor};
