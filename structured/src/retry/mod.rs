//! Further attempts, with pauses.

mod backoff;
#[allow(
    clippy::module_inception,
    reason = "the file is named after its function"
)]
mod retry;

pub use self::backoff::{Backoff, Delays};
pub use self::retry::{Retry, retry};
