use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Counts, Report};
use crate::Status;

/// How the table is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How many characters a line may have.
    pub width: usize,
    /// Whether to use colours.
    pub colour: bool,
}

/// Columns are named by letters, which a legend explains.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The matrix: rules down, backends across, one character for each cell, and the reasons below.
pub fn table(report: &Report, keys: &[String], look: Look) -> String {
    let mut text = String::new();
    let table = Table { report, keys, look };
    table.write(&mut text).expect("a string takes any text");
    text
}

struct Table<'a> {
    report: &'a Report,
    keys: &'a [String],
    look: Look,
}

impl Table<'_> {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        self.legend(out)?;
        self.matrix(out)?;
        for (status, title) in [
            (Status::Recorded, "Recorded"),
            (Status::NotApplicable, "Not applicable"),
            (Status::Deviation, "Declared deviations"),
            (Status::Fail, "Failures"),
        ] {
            self.reasons(out, status, title)?;
        }
        self.summary(out)
    }

    fn legend(&self, out: &mut String) -> std::fmt::Result {
        let widest = self.keys.iter().map(String::len).max().unwrap_or(0) + 4;
        let columns = (self.look.width / widest.max(1)).clamp(1, 4);
        let rows = self.keys.len().div_ceil(columns);
        for row in 0..rows {
            let mut line = String::new();
            for at in (row..self.keys.len()).step_by(rows) {
                write!(line, "{} {:w$}", letter(at), self.keys[at], w = widest - 2)?;
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)
    }

    fn matrix(&self, out: &mut String) -> std::fmt::Result {
        let rules = &self.report.rules;
        let longest = rules.iter().map(|rule| name(&rule.id).len() + 2).max();
        let cells = self.keys.len();
        let room = self.look.width.saturating_sub(cells + 2).max(12);
        let wide = longest.unwrap_or(0).min(room);
        let letters: String = (0..cells).map(letter).collect();
        let mut family = "";
        for rule in rules {
            if rule.family != family {
                family = &rule.family;
                let title = self.paint(BOLD, &format!("{family:wide$}"));
                writeln!(out, "{title}  {letters}")?;
            }
            let label = shorten(&format!("  {}", name(&rule.id)), wide);
            let missing = wide.saturating_sub(label.chars().count());
            write!(out, "{label}{:missing$}  ", "")?;
            for key in self.keys {
                match rule.results.get(key) {
                    Some(outcome) => {
                        let (mark, colour) = sign(outcome.status);
                        write!(out, "{}", self.paint(colour, mark))?;
                    }
                    None => write!(out, " ")?,
                }
            }
            writeln!(out)?;
        }
        writeln!(out)
    }

    /// The reasons of one status: one entry for each rule and reason, with the backends that share it.
    fn reasons(&self, out: &mut String, status: Status, title: &str) -> std::fmt::Result {
        // By reason for what does not apply, since few reasons explain many cells; by rule otherwise.
        let by_reason = status == Status::NotApplicable;
        let mut entries: Vec<(String, Vec<usize>)> = Vec::new();
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        for rule in &self.report.rules {
            for (column, key) in self.keys.iter().enumerate() {
                let Some(outcome) = rule.results.get(key).filter(|it| it.status == status) else {
                    continue;
                };
                let text = if by_reason {
                    outcome.reason.clone()
                } else {
                    format!("{}: {}", rule.id, outcome.reason)
                };
                let index = *at.entry(text.clone()).or_insert(entries.len());
                if index == entries.len() {
                    entries.push((text, Vec::new()));
                }
                entries[index].1.push(column);
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        let (mark, colour) = sign(status);
        writeln!(
            out,
            "{} {}",
            self.paint(colour, mark),
            self.paint(BOLD, title)
        )?;
        for (text, mut columns) in entries {
            let cells = columns.len();
            columns.dedup();
            columns.sort_unstable();
            columns.dedup();
            let letters: String = columns.into_iter().map(letter).collect();
            let head = if by_reason {
                format!("  {letters} ({cells} cells) ")
            } else {
                format!("  {letters} ")
            };
            self.wrapped(out, &head, &text)?;
        }
        writeln!(out)
    }

    /// Writes `text` after `head`, in lines that fit.
    fn wrapped(&self, out: &mut String, head: &str, text: &str) -> std::fmt::Result {
        let mut line = head.trim_end().to_owned();
        for word in text.split_whitespace() {
            let long = line.chars().count() + 1 + word.chars().count();
            if long > self.look.width.max(20) && line.len() > 4 {
                writeln!(out, "{line}")?;
                line = String::from("   ");
            }
            line.push(' ');
            line.push_str(word);
        }
        writeln!(out, "{line}")
    }

    fn summary(&self, out: &mut String) -> std::fmt::Result {
        let Counts {
            pass,
            fail,
            deviation,
            not_applicable,
            recorded,
        } = self.report.summary.total;
        let (rules, backends) = (self.report.rules.len(), self.keys.len());
        let colour = if fail == 0 { GREEN } else { RED };
        let line = format!(
            "{rules} rules on {backends} backends: {pass} pass, {fail} fail, {deviation} deviate as declared, {not_applicable} not applicable, {recorded} recorded"
        );
        writeln!(out, "{}", self.paint(colour, &line))
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.look.colour {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const GREY: &str = "90";

fn sign(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Pass => ("✓", GREEN),
        Status::Fail => ("✗", RED),
        Status::Deviation => ("~", YELLOW),
        Status::NotApplicable => ("—", GREY),
        Status::Recorded => ("i", CYAN),
    }
}

fn letter(at: usize) -> char {
    LETTERS.chars().nth(at).unwrap_or('?')
}

fn name(id: &str) -> &str {
    id.split_once("::").map_or(id, |(_, name)| name)
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}
