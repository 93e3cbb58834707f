#![doc = include_str!("../README.md")]

pub mod kit;
mod rule;
pub mod rules;

pub use rule::{Rule, RuleFuture};
