//! The measured operations on async-std, natively and through anyrt.

mod pairs;

pub mod native;
pub mod sockets;

pub use pairs::{OnAsyncStd, start};
