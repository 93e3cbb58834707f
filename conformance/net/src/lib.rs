#![doc = include_str!("../README.md")]

pub mod kit;
pub mod mutants;
mod rule;
pub mod rules;

pub use rule::{Rule, RuleFuture};
