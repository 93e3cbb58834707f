#![doc = include_str!("../README.md")]

#[cfg(unix)]
mod source;
#[cfg(unix)]
mod task;
#[cfg(unix)]
mod zbus;

#[cfg(unix)]
pub use self::zbus::Zbus;
#[cfg(unix)]
pub use source::Source;
#[cfg(unix)]
pub use task::ZbusTask;
