//! The last messages as a sequence diagram: hosts are columns, messages are arrows.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use super::wire::record::{Fate, Line, Message, Sent};
use crate::host_id::HostId;

/// How many lines of the record a report shows.
const SHOWN: usize = 40;
/// How far apart the columns are, and where the first one is.
const WIDTH: usize = 24;
const FIRST: usize = 16;
/// With more hosts than this, lines are too long to be read, and are a list instead.
const COLUMNS: usize = 6;

pub(super) type Names<'a> = &'a dyn Fn(HostId) -> Arc<str>;

/// The hosts of some lines, each with its column.
pub(super) fn columns<'a>(lines: impl Iterator<Item = &'a Line>) -> BTreeMap<HostId, usize> {
    let mut hosts = BTreeMap::new();
    for line in lines {
        if let Line::Message(message) = line {
            hosts.insert(message.way.0, 0);
            hosts.insert(message.way.1, 0);
        }
    }
    for (column, place) in hosts.values_mut().enumerate() {
        *place = column;
    }
    hosts
}

/// What a message was, in a few words.
pub(super) fn words(message: &Message) -> String {
    let bytes = message.bytes;
    match message.sent {
        Sent::Syn => "connect".to_owned(),
        Sent::SynAck => "connected".to_owned(),
        Sent::Refused => "refused".to_owned(),
        Sent::Data => format!("{bytes} B"),
        Sent::Fin => "end".to_owned(),
        Sent::Reset => "reset".to_owned(),
        Sent::Datagram => format!("datagram {bytes} B"),
    }
}

/// What became of a message, where that is not plain from the arrow.
pub(super) fn fate(message: &Message) -> String {
    match message.fate {
        Fate::At(at) => format!("arrives {:?}", Duration::from_nanos(at)),
        Fate::Lost => "lost".to_owned(),
        Fate::Held => "waits for its way".to_owned(),
    }
}

pub(super) fn text(lines: &VecDeque<Line>, name: Names<'_>) -> String {
    let shown = || lines.iter().skip(lines.len().saturating_sub(SHOWN));
    let columns = columns(shown());
    let mut text = String::new();
    if columns.is_empty() && shown().next().is_none() {
        return text;
    }
    let as_list = columns.len() > COLUMNS;
    if !as_list {
        let mut header = " ".repeat(FIRST);
        for host in columns.keys() {
            let mut name = name(*host).to_string();
            name.truncate(
                name.char_indices()
                    .nth(WIDTH - 2)
                    .map_or(name.len(), |(at, _)| at),
            );
            write!(header, "{name:<WIDTH$}").expect("a string takes everything");
        }
        text.push_str(header.trim_end());
        text.push('\n');
    }
    for line in shown() {
        let line = match line {
            Line::Note { at, text } => format!("{:<FIRST$}==== {text} ====", time(*at)),
            Line::Message(message) if as_list => {
                format!("{:<FIRST$}{}", time(message.at), sentence(message, name))
            }
            Line::Message(message) => arrow(message, &columns),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Each line with its time.
pub(super) fn list<'a>(
    lines: impl Iterator<Item = &'a Line>,
    name: Names<'_>,
) -> Vec<(u64, String)> {
    let line = |line: &Line| match line {
        Line::Note { at, text } => (*at, text.clone()),
        Line::Message(message) => (message.at, sentence(message, name)),
    };
    lines.map(line).collect()
}

fn sentence(message: &Message, name: Names<'_>) -> String {
    let (from, to) = (name(message.way.0), name(message.way.1));
    let (words, fate, shown) = (words(message), fate(message), quoted(message));
    format!("{from} -> {to}: {words}{shown}, {fate}")
}

fn time(at: u64) -> String {
    format!("{:?}", Duration::from_nanos(at))
}

fn quoted(message: &Message) -> String {
    match message.shown().as_str() {
        "" => String::new(),
        shown => format!(" \"{shown}\""),
    }
}

fn arrow(message: &Message, columns: &BTreeMap<HostId, usize>) -> String {
    let at = |host: HostId| columns.get(&host).map_or(0, |column| column * WIDTH);
    let (from, to) = (at(message.way.0), at(message.way.1));
    let mut row: Vec<char> = " "
        .repeat(columns.len().max(1) * WIDTH - WIDTH + 1)
        .chars()
        .collect();
    for column in columns.values() {
        row[column * WIDTH] = '|';
    }
    let (left, right) = (from.min(to), from.max(to));
    let line = match message.fate {
        Fate::At(_) => '-',
        Fate::Lost | Fate::Held => '.',
    };
    row[left + 1..right].fill(line);
    let head = match message.fate {
        Fate::At(_) if to > from => '>',
        Fate::At(_) => '<',
        Fate::Lost => 'x',
        Fate::Held => '|',
    };
    match to > from {
        true => row[right - 1] = head,
        false => row[left + 1] = head,
    }
    let words: Vec<char> = format!(" {} ", words(message))
        .chars()
        .take(WIDTH - 4)
        .collect();
    let start = left + (right - left - words.len()) / 2;
    row[start..start + words.len()].copy_from_slice(&words);
    let row: String = row.into_iter().collect();
    format!(
        "{:<FIRST$}{row}  {}{}",
        time(message.at),
        fate(message),
        quoted(message)
    )
}
