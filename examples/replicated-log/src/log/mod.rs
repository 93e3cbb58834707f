//! The log itself: it knows no runtime and no simulation.

mod bug;
mod client;
mod config;
mod connection;
mod election;
mod entry;
mod link;
mod machine;
mod message;
mod node;
mod record;
mod replication;
mod signal;
mod state;
mod storage;
mod watch;
mod words;

pub use bug::Bug;
pub use client::Client;
pub use config::Config;
pub use entry::Entry;
pub use node::serve;
pub use storage::{Files, Storage};
pub use watch::{Mark, Watch};
