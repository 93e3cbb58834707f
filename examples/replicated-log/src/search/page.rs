use std::fmt::Write as _;

use super::Row;

/// The rows as a table of Markdown, and the other simulators' columns where they ran.
pub fn page(rows: &[Row], seeds: u64, others: &[(&str, Vec<Row>)]) -> String {
    let mut text = String::from("| bug | seed | seconds | the report begins with |");
    let mut line = String::from("| --- | --: | --: | --- |");
    for (name, _) in others {
        write!(text, " {name}: seed | {name}: seconds |").expect("a string takes any text");
        line += " --: | --: |";
    }
    text = format!("{text}\n{line}\n");
    let found = |row: &Row| match row.seed {
        Some(seed) => seed.to_string(),
        None => format!("none in {seeds}"),
    };
    for (index, row) in rows.iter().enumerate() {
        let (seed, took) = (found(row), row.took.as_secs_f64());
        write!(text, "| {} | {seed} | {took:.2} | {} |", row.bug, row.says)
            .expect("a string takes any text");
        for (_, rows) in others {
            let other = &rows[index];
            write!(
                text,
                " {} | {:.2} |",
                found(other),
                other.took.as_secs_f64()
            )
            .expect("a string takes any text");
        }
        text.push('\n');
    }
    text
}
