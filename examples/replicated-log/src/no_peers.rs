//! Stands in for the other simulators where the feature `peers` is off.

use crate::search::Row;

/// None.
pub fn columns(_seeds: u64) -> Vec<(&'static str, Vec<Row>)> {
    Vec::new()
}

/// Nothing.
pub fn speed() -> Vec<String> {
    Vec::new()
}

/// Nothing.
pub fn paused_clock() -> String {
    String::new()
}
