//! Stands in for a backend whose feature is off.

#![cfg_attr(
    all(
        feature = "tokio",
        feature = "smol",
        feature = "async-std",
        feature = "sim"
    ),
    allow(dead_code, reason = "every feature is on, so nothing stands in")
)]

use crate::Backend;

pub(super) fn backends() -> Vec<Backend> {
    Vec::new()
}
