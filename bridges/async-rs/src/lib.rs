#![doc = include_str!("../README.md")]

#[cfg(any(unix, windows))]
mod kit;
#[cfg(any(unix, windows))]
mod registered;
#[cfg(any(unix, windows))]
mod task;

#[cfg(any(unix, windows))]
pub use kit::Kit;
#[cfg(any(unix, windows))]
pub use task::KitTask;
