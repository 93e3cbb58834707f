#![doc = include_str!("../README.md")]

mod buffer;
mod error;
mod load_shed;
mod rate_limit;
mod retry;
mod timeout;

pub use buffer::{Buffer, BufferLayer, Buffered};
pub use error::{BoxError, Overloaded, ServiceError};
pub use load_shed::{LoadShed, LoadShedLayer, Shedding};
pub use rate_limit::{RateLimit, RateLimitLayer};
pub use retry::{Always, Retry, RetryLayer, Retrying, When};
pub use timeout::{Timeout, TimeoutLayer, TimingOut};
