//! The last messages as a sequence diagram: hosts are columns, messages are arrows.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::time::Duration;

use super::names::Names;
use super::wire::record::{Fate, Line, Message, Sent};
use crate::TaskId;
use crate::host_id::HostId;

/// How many lines of the record a report shows.
const SHOWN: usize = 32;
/// How many letters of what a program noted a report shows.
const NOTED: usize = 120;
/// How far apart the columns are, and where the first one is.
const WIDTH: usize = 24;
const FIRST: usize = 16;
/// With more hosts than this, lines are too long to be read, and are a list instead.
const COLUMNS: usize = 6;

/// The hosts of some lines, each with its column.
pub(super) fn columns<'a>(lines: impl Iterator<Item = &'a Line>) -> BTreeMap<HostId, usize> {
    let mut hosts = BTreeMap::new();
    for line in lines {
        match line {
            Line::Message(message) => {
                hosts.insert(message.way.0, 0);
                hosts.insert(message.way.1, 0);
            }
            Line::Event { host, .. } => {
                hosts.insert(*host, 0);
            }
            Line::Note { .. } => {}
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

/// What follows an arrow: what became of the message, how it begins, and who sent it.
pub(super) fn remark(message: &Message, names: &Names<'_>) -> String {
    let mut remark = fate(message);
    match message.shown().as_str() {
        "" => {}
        shown => remark.push_str(&format!(" \"{shown}\"")),
    }
    if let Some(task) = message.by {
        remark.push_str(", by ");
        remark.push_str(&names.task(task, message.way.0));
    }
    remark
}

/// What a program noted, on a line, and which task it was.
pub(super) fn noted(text: &str, task: Option<TaskId>, host: HostId, names: &Names<'_>) -> String {
    let mut line = text.replace('\n', " ");
    if let Some((at, _)) = line.char_indices().nth(NOTED) {
        line.truncate(at);
        line.push('…');
    }
    match task {
        Some(task) => format!("{} {line}", names.task(task, host)),
        None => line,
    }
}

pub(super) fn text(lines: &VecDeque<Line>, names: &Names<'_>) -> String {
    let shown = || lines.iter().skip(lines.len().saturating_sub(SHOWN));
    let columns = columns(shown());
    let mut text = String::new();
    if lines.is_empty() {
        return text;
    }
    if lines.len() > SHOWN {
        let before = lines.len() - SHOWN;
        writeln!(
            text,
            "… {before} before these; ANYRT_SIM_PAGE=run.html in front of the command that replays it writes a page with them"
        )
        .expect("a string takes everything");
    }
    let as_list = columns.len() > COLUMNS;
    if !as_list {
        let mut header = " ".repeat(FIRST);
        for host in columns.keys() {
            let name: String = names.host(*host).chars().take(WIDTH - 2).collect();
            write!(header, "{name:<WIDTH$}").expect("a string takes everything");
        }
        text.push_str(header.trim_end());
        text.push('\n');
    }
    for line in shown() {
        let (at, line) = match line {
            Line::Note { at, text } => (*at, format!("==== {text} ====")),
            line if as_list => sentence(line, names),
            Line::Message(message) => (message.at, arrow(message, &columns, names)),
            Line::Event {
                at,
                host,
                task,
                text,
            } => {
                let mut row = life_lines(&columns);
                row[columns.get(host).map_or(0, |column| column * WIDTH)] = '*';
                let row: String = row.into_iter().collect();
                (*at, format!("{row}  {}", noted(text, *task, *host, names)))
            }
        };
        text.push_str(&format!("{:<FIRST$}{line}\n", time(at)));
    }
    text
}

/// A line as a sentence, and its time.
pub(super) fn sentence(line: &Line, names: &Names<'_>) -> (u64, String) {
    match line {
        Line::Note { at, text } => (*at, text.clone()),
        Line::Event {
            at,
            host,
            task,
            text,
        } => {
            let noted = noted(text, *task, *host, names);
            (*at, format!("{}: {noted}", names.host(*host)))
        }
        Line::Message(message) => {
            let (from, to) = (names.host(message.way.0), names.host(message.way.1));
            let (words, remark) = (words(message), remark(message, names));
            (message.at, format!("{from} -> {to}: {words}, {remark}"))
        }
    }
}

pub(super) fn time(at: u64) -> String {
    format!("{:?}", Duration::from_nanos(at))
}

fn life_lines(columns: &BTreeMap<HostId, usize>) -> Vec<char> {
    let width = columns.len().max(1) * WIDTH - WIDTH + 1;
    let mut row = vec![' '; width];
    for column in columns.values() {
        row[column * WIDTH] = '|';
    }
    row
}

fn arrow(message: &Message, columns: &BTreeMap<HostId, usize>, names: &Names<'_>) -> String {
    let at = |host: HostId| columns.get(&host).map_or(0, |column| column * WIDTH);
    let (from, to) = (at(message.way.0), at(message.way.1));
    let mut row = life_lines(columns);
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
    format!("{row}  {}", remark(message, names))
}
