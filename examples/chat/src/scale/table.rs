use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::Row;
use crate::Simulated;

/// A table of what was measured, beside the same server written by hand.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| users | server | lines delivered | memory/user | processor/line | half within | 99 % | 99.9 % |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let beside = |figure: fn(&Row) -> f64| {
            let is_beside = |it: &&Row| it.way == row.way.by_hand() && it.users == row.users;
            match rows.iter().find(is_beside) {
                Some(by_hand) if by_hand.way != row.way => {
                    format!(" ({:.2}×)", figure(row) / figure(by_hand))
                }
                _ => String::new(),
            }
        };
        // No ratios of these: they show how busy the machine was.
        let millis = |duration: Duration| format!("{:.2} ms", duration.as_secs_f64() * 1e3);
        let cells = [
            row.users.to_string(),
            row.way.to_string(),
            row.delivered.to_string(),
            format!("{:.0} B{}", row.memory, beside(|row| row.memory)),
            format!(
                "{:.2} µs{}",
                row.processor.as_secs_f64() * 1e6,
                beside(|row| row.processor.as_secs_f64())
            ),
            millis(row.p50),
            millis(row.p99),
            millis(row.p999),
        ];
        writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes any text");
    }
    text
}

/// Writes the rows beside the program, for `chat document` and other programs to read.
///
/// # Errors
///
/// What the system reports.
pub fn write_json(rows: &[Row]) -> io::Result<PathBuf> {
    let users = rows.first().map_or(0, |row| row.users);
    write(&users.to_string(), &json(rows.iter().map(Row::to_json)))
}

/// Writes what a [simulation](crate::simulate) showed beside the program.
///
/// # Errors
///
/// What the system reports.
pub fn write_simulated(users: usize, run: &Simulated, took: Duration) -> io::Result<PathBuf> {
    let line = format!(
        "{{\"simulated\": {users}, \"delivered\": {}, \"memory\": {}, \"p50_us\": {}, \"p99_us\": {}, \"virtual_s\": {:.0}, \
         \"seconds\": {:.0}}}",
        run.heard,
        own_memory()? / users as u64,
        run.p50.as_micros(),
        run.p99.as_micros(),
        run.took.as_secs_f64(),
        took.as_secs_f64(),
    );
    write("simulated", &json([line].into_iter()))
}

fn write(name: &str, json: &str) -> io::Result<PathBuf> {
    let file = std::env::current_exe()?.with_file_name(format!("chat-{name}.json"));
    fs::write(&file, json)?;
    Ok(file)
}

pub(super) fn json(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    format!("[\n  {}\n]\n", lines.join(",\n  "))
}

/// The most memory that this process has had, in bytes.
fn own_memory() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = most.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let odd = || io::Error::other("`/proc` is written otherwise here");
    Ok(number.ok_or_else(odd)? * 1024)
}
