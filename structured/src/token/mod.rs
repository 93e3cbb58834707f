//! Cancellation.

mod cancellation_token;
mod drop_guard;
mod run_until_cancelled;

pub use self::cancellation_token::{CancellationToken, Cancelled};
pub use self::drop_guard::DropGuard;
pub use self::run_until_cancelled::RunUntilCancelled;
