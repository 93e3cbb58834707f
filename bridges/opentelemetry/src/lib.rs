#![doc = include_str!("../README.md")]

mod opentelemetry;
mod sender;

pub use self::opentelemetry::Opentelemetry;
pub use sender::Sender;
