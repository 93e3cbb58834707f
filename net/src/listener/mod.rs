mod accept;
mod failure;
mod incoming;
mod listener_trait;
mod pointers;

pub use accept::Accept;
pub use incoming::Incoming;
pub use listener_trait::Listener;
