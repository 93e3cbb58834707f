//! Looks for every planted bug, and writes down what that took.

mod cpu;
mod page;
mod row;

pub use cpu::processor_time;
pub use page::page;
pub use row::{COUNTED, Row, first_words};

use crate::log::Bug;
use crate::simulated;

/// Counts for each row how many of the first [`COUNTED`] seeds show its bug, and calls `progress` with both.
pub fn count(rows: &mut [Row], mut progress: impl FnMut(&Row, u64)) {
    for row in rows {
        let failed = simulated::survey(Some(row.bug), COUNTED).failed();
        row.shown_by = Some(failed);
        progress(row, failed);
    }
}

/// Looks for each bug in so many seeds from 0 on, one after the other on one thread, and calls `progress` with each row.
pub fn search(seeds: u64, mut progress: impl FnMut(&Row)) -> Vec<Row> {
    let mut rows = Vec::new();
    for bug in Bug::ALL {
        let begun = processor_time();
        let failure = simulated::find(Some(bug), 0, seeds);
        let row = Row {
            bug,
            seed: failure.as_ref().map(|failure| failure.seed()),
            tried: seeds,
            shown_by: None,
            took: processor_time() - begun,
            says: failure.map_or_else(String::new, |failure| first_words(failure.message())),
        };
        progress(&row);
        rows.push(row);
    }
    rows
}
