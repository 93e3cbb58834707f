//! What the standard library offers on hosts and some targets lack. The rest of the crate needs `core` and `alloc` only, and has no
//! `cfg` of its own.
//!
//! A target without an operating system (`target_os = "none"`) has no standard library. A browser (`wasm32-unknown-unknown`) has
//! one whose clocks panic.

#[cfg(target_os = "none")]
mod bare;
#[cfg(not(target_os = "none"))]
mod hosted;
#[cfg(any(target_os = "none", all(target_family = "wasm", target_os = "unknown")))]
mod instant;
#[cfg(not(target_os = "none"))]
mod io_errors;
#[cfg(target_os = "none")]
mod system_time;

#[cfg(target_os = "none")]
pub(crate) use self::bare::{Payload, SystemError, enter, resume_unwind};
#[cfg(not(target_os = "none"))]
pub(crate) use self::hosted::{Payload, SystemError, enter, resume_unwind};
#[cfg(any(target_os = "none", all(target_family = "wasm", target_os = "unknown")))]
pub use self::instant::Instant;
#[cfg(target_os = "none")]
pub use self::system_time::{SystemTime, SystemTimeError};
#[cfg(not(any(target_os = "none", all(target_family = "wasm", target_os = "unknown"))))]
pub use std::time::Instant;
#[cfg(not(target_os = "none"))]
pub use std::time::{SystemTime, SystemTimeError};
