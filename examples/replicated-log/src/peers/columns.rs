use std::time::{Duration, Instant};

use super::{find, hour, paused, speeds};
use crate::log::Bug;
use crate::search::Row;
use crate::simulated;

/// The searches of other simulators, in the order of [`Bug::ALL`]. Prints each row.
pub fn columns(seeds: u64) -> Vec<(&'static str, Vec<Row>)> {
    println!("under turmoil:");
    let search = |bug| {
        let row = find(bug, seeds);
        println!("{row}");
        row
    };
    vec![("turmoil", Bug::ALL.into_iter().map(search).collect())]
}

/// Runs the same things here and there, and returns lines for a page.
pub fn speed() -> Vec<String> {
    let mut lines = Vec::new();
    for (name, ours, turmoils) in speeds(400_000) {
        lines.push(format!(
            "| messages a second, {name}, 64 bytes, one connection | {ours:.0} | {turmoils:.0} |"
        ));
    }
    let begun = Instant::now();
    let here = simulated::hour(Duration::from_secs(3600));
    let ours = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    // A minute, because an hour takes long.
    let (writes, reads) = hour(Duration::from_secs(60));
    let turmoils = begun.elapsed().as_secs_f64() * 60.0;
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
    let begun = Instant::now();
    let (elections, answers, virtual_time) = paused(20, Duration::from_secs(600));
    format!(
        "{answers} of 20 questions were answered and {elections} terms won in {virtual_time:.0?} of its time, which took {:.1} s",
        begun.elapsed().as_secs_f64()
    )
}
