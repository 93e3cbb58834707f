use std::fmt::Write as _;

use super::Row;

/// A page of Markdown with what a search has shown, and what other simulators have, where they ran.
pub fn page(rows: &[Row], turmoil: &[Row], paused: &str, speed: &[String]) -> String {
    let mut text = String::from(INTRODUCTION);
    for row in rows {
        let says = row.says.replace('|', "\\|");
        let shown_by = row.shown_by.map_or_else(String::new, |it| it.to_string());
        let (found_at, seconds_taken) = (found(row), seconds(row));
        let mut line = format!(
            "| {} | {found_at} | {seconds_taken} | {shown_by} |",
            row.bug
        );
        match turmoil.iter().find(|other| other.bug == row.bug) {
            Some(other) => write!(line, " {} | {} |", found(other), seconds(other)),
            None => write!(line, " | |"),
        }
        .expect("a string takes any text");
        writeln!(text, "{line} {says} |").expect("a string takes any text");
    }
    if !paused.is_empty() {
        write!(text, "{PEERS}{paused}.{SPEED}").expect("a string takes any text");
        for line in speed {
            writeln!(text, "{line}").expect("a string takes any text");
        }
    }
    text
}

fn found(row: &Row) -> String {
    match row.seed {
        Some(seed) => seed.to_string(),
        None => format!("none of {}", row.tried),
    }
}

fn seconds(row: &Row) -> String {
    format!("{:.2}", row.took.as_secs_f64())
}

const INTRODUCTION: &str = "# The replicated log under simulation

Written by `cargo run --release -p anyrt-replicated-log --features peers -- record`. Do not edit it.

`examples/replicated-log` has fourteen bugs that are switched on by a value. Each is looked for in up to 1000 seeds, from 0 on, on one
thread. *Seed* is the first that fails, so one more were needed. Seconds are of processor time. *Of 300* says how many of the first 300
seeds fail, so how far from the limit a bug is.

| bug | seed | seconds | of 300 | turmoil: seed | turmoil: seconds | what our report says first |
| --- | --: | --: | --: | --: | --: | --- |
";

const PEERS: &str = "
## turmoil and tokio's paused clock

**turmoil 0.7.2** runs the same program through a shim of 250 lines (`src/peers`), with the same storm as far as it goes: partitions in
one and both ways, holds, and crashes, which its test has to draw and to time itself. It has no clock drift, no resets, no half-open
connections by hand, no kills and no pauses, and its disk is one of ours, in memory (its own files are behind `unstable-fs`). Its search stops after five seconds of processor
time for a bug; *none of N* says how many seeds that were.

**tokio's paused clock** (tokio 1.x) runs the program on the loopback, with a disk in memory. It has no network, no hosts, no faults and
no seeds: nothing is lost or late, no node dies, and one run is like the other. So it was asked for no bug. ";

const SPEED: &str = "

## Speed, in one run

There are 300 000 messages, and processor time is counted in hundredths of a second, so our figures are within a quarter. What one poll
writes is one segment here; each write is one under turmoil.

| | ours | turmoil |
| --- | --: | --: |
";
