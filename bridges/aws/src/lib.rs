#![doc = include_str!("../README.md")]

mod aws;

pub use aws::Aws;
