use std::time::Duration;

use super::{find, hour, paused, speeds};
use crate::log::Bug;
use crate::search::{Row, processor_time};
use crate::simulated;

/// Looks for each bug under turmoil, and calls `progress` with each row.
pub fn search(mut progress: impl FnMut(&Row)) -> Vec<Row> {
    let find = |bug| {
        let row = find(bug, Duration::from_secs(5));
        progress(&row);
        row
    };
    Bug::ALL.into_iter().map(find).collect()
}

/// Runs the same things here and there, and returns lines for a page.
pub fn speed() -> Vec<String> {
    let mut lines = Vec::new();
    for (name, ours, turmoils) in speeds(300_000) {
        lines.push(format!(
            "| messages a second, {name}, 64 bytes, one connection | {ours:.0} | {turmoils:.0} |"
        ));
    }
    let begun = processor_time();
    let here = simulated::hour(Duration::from_secs(3600));
    let ours = (processor_time() - begun).as_secs_f64();
    let begun = processor_time();
    // A minute, because an hour takes long.
    let (writes, reads) = hour(Duration::from_secs(60));
    let turmoils = (processor_time() - begun).as_secs_f64() * 60.0;
    lines.push(format!(
        "| seconds for an hour of 5 nodes and 2 clients, in which nothing fails | {ours:.2} | {turmoils:.1} (60 times a minute) |"
    ));
    lines.push(format!(
        "| writes and reads in it | {}, {} | {}, {} |",
        here.writes,
        here.reads,
        writes * 60,
        reads * 60
    ));
    lines
}

/// What tokio's paused clock does to the log on the loopback, as a sentence.
pub fn paused_clock() -> String {
    let (elections, answers, virtual_time) = paused(20, Duration::from_secs(600));
    format!(
        "{answers} of 20 questions were answered and {elections} term won in {virtual_time:.1?} of its time"
    )
}
