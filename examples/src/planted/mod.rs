//! A small library with three planted bugs, as they are written every day. Each is found by a simulation within 64 seeds.
//!
//! It names no runtime, and on a real one its bugs hide: the task that was spawned first usually runs first, the letter
//! usually comes when the reader waits, and nobody waits for three slow answers in a test.

mod client;
mod ledger;
mod mailbox;

pub use client::ask;
pub use ledger::Ledger;
pub use mailbox::Mailbox;
