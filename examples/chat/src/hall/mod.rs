//! Everything about the chat that needs no runtime: rooms, the lines that wait for each user, and the protocol.

mod bye;
#[expect(clippy::module_inception, reason = "the main type of the module")]
mod hall;
mod lines;
mod outbox;
mod settings;
mod user;

pub use bye::Bye;
pub use hall::Hall;
pub use lines::Lines;
pub use outbox::{Inbox, Outbox};
pub use settings::{Settings, SlowReader};
pub use user::{Backlog, User};
