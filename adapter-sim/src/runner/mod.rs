//! Tests under many seeds, side by side.

pub(crate) mod check;
pub(crate) mod coverage;
pub(crate) mod env;
pub(crate) mod outcome;
pub(crate) mod processes;
mod replay;
mod runs;
pub(crate) mod search;
pub(crate) mod seed;
mod shrink;
pub(crate) mod shrunk;
pub(crate) mod spelling;
pub(crate) mod survey;
