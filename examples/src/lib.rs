#![doc = include_str!("../README.md")]

pub mod cli;
pub mod download;
pub mod planted;
pub mod treehash;

/// The README of the project, so that its code is tested.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
