#![doc = include_str!("../README.md")]

mod from_tokio;
mod to_tokio;
mod wrapper;

pub use from_tokio::FromTokio;
pub use to_tokio::ToTokio;
use wrapper::wrapper;
