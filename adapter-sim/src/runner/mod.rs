//! Tests under many seeds, side by side.

pub(crate) mod check;
pub(crate) mod env;
pub(crate) mod outcome;
pub(crate) mod search;
pub(crate) mod survey;
