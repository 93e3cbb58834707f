//! A crowd of users that loads a server: it counts every line, in order, and how long each was on its way.

mod crowd;
mod latency;
mod listener;
mod plan;

pub use crowd::Crowd;
pub use latency::Latency;
pub use listener::Heard;
pub use plan::Plan;
