//! What a simulation says about itself: events, failures, differences.

pub(crate) mod count;
pub(crate) mod divergence;
pub(crate) mod event;
pub(crate) mod failure;
pub(crate) mod fault;
pub(crate) mod label;
pub(crate) mod panics;
pub(crate) mod replay_command;
pub(crate) mod text;
pub(crate) mod trace;
pub(crate) mod view;
