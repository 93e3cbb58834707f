#![doc = include_str!("../README.md")]

mod aws;
#[cfg(feature = "http")]
mod http;

pub use aws::Aws;
#[cfg(feature = "http")]
pub use http::Http;
