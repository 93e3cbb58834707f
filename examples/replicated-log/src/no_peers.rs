//! Stands in for the other simulators where the feature `peers` is off.

use crate::search::Row;

/// None.
pub fn search(_progress: impl FnMut(&Row)) -> Vec<Row> {
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
