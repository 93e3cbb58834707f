//! The one clock of the suite, and what a thread does while it waits for something.

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod page;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod system;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use page::{Page, give_page, has_threads, now, pause};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use system::{has_threads, now, pause};
