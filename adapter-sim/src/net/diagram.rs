//! The last messages as a sequence diagram: hosts are columns, messages are arrows.

use std::fmt::{self, Write};
use std::time::Duration;

use super::columns::Columns;
use super::names::Names;
use super::wire::line::{Event, Fate, Line, Message, Refusal, Sent};
use super::wire::record::Record;
use crate::host_id::HostId;
use crate::report::count::Count;

/// How many lines of the record a report shows.
const SHOWN: usize = 32;
/// How many letters of what a program noted a report shows.
const NOTED: usize = 120;
/// How far apart the columns are, and where the first one is, unless a time needs more.
const WIDTH: usize = 24;
const FIRST: usize = 16;
/// With more hosts than this, lines are too long to be read, and are a list instead.
const COLUMNS: usize = 6;

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

/// What follows an arrow: what became of the message, what it says or how it begins, and who sent it. At most `limit` bytes.
pub(super) fn remark(message: &Message, names: &Names<'_>, limit: usize) -> String {
    let mut remark = fate(message);
    if let Some(refusal) = message.refusal {
        remark.push_str(&match refusal {
            Refusal::NoListener(port) => format!(": nothing listens at port {port}"),
            Refusal::NotStarted(port) => {
                format!(": nothing listens at port {port}, as nothing was started on this host")
            }
            Refusal::Chance => ": by `Host::set_refusal`".to_owned(),
        });
    }
    match (names.described(message), names.bytes(message, limit)) {
        (Some(words), _) => {
            remark.push_str(": ");
            remark.push_str(words);
        }
        (None, bytes) if bytes.is_empty() => {}
        (None, bytes) => remark.push_str(&format!(" \"{bytes}\"")),
    }
    if let Some(task) = message.by {
        remark.push_str(", by ");
        remark.push_str(&names.task(task, message.way.0));
    }
    remark
}

/// What a program noted, on a line, and which task it was.
pub(super) fn noted(event: &Event, names: &Names<'_>) -> String {
    let mut line = match (event.text.trim(), event.is_pinned) {
        ("", true) => "(a pin without words)".to_owned(),
        ("", false) => "(a note without words)".to_owned(),
        _ => cut(&event.text),
    };
    if let Some(task) = event.task {
        line = format!("{} {line}", names.task(task, event.host));
    }
    if let Some((times, last)) = event.again {
        let last = time(last);
        line.push_str(&match times {
            1 => format!(" (and once more, at {last})"),
            _ => format!(" (and {times} times more, the last at {last})"),
        });
    }
    line
}

/// A text on a line that is not too long.
fn cut(text: &str) -> String {
    let mut line = text.replace('\n', " ");
    if let Some((at, _)) = line.char_indices().nth(NOTED) {
        line.truncate(at);
        line.push('…');
    }
    line
}

pub(super) fn text(record: &Record, names: &Names<'_>, limit: usize) -> String {
    let mut text = String::new();
    // A string takes everything.
    let _ = write(&mut text, record, names, limit);
    text
}

fn write(text: &mut String, record: &Record, names: &Names<'_>, limit: usize) -> fmt::Result {
    if record.is_empty() {
        return Ok(());
    }
    let before = record.lines().len().saturating_sub(SHOWN);
    let older = record.lines().take(before).filter_map(|line| match line {
        Line::Event(event) if event.is_pinned => Some(event),
        _ => None,
    });
    let pinned = record.pinned().chain(older).cloned().map(Line::Event);
    let pinned: Vec<Line> = pinned.collect();
    let shown: Vec<&Line> = pinned.iter().chain(record.lines().skip(before)).collect();
    let columns = Columns::new(
        shown.iter().copied(),
        names.view.failing,
        names.wire.hosts_seen(),
        COLUMNS,
    );
    if before > 0 {
        writeln!(
            text,
            "… {before} before these; ANYRT_SIM_PAGE=run.html in front of the command that replays it writes a page with them"
        )?;
    }
    let columns = (columns.len() <= COLUMNS).then_some(columns);
    let times: Vec<String> = shown.iter().map(|line| time(line.at())).collect();
    let longest = times.iter().map(|time| time.chars().count()).max();
    let first = longest.map_or(FIRST, |longest| FIRST.max(longest + 1));
    if let Some(columns) = &columns {
        let mut header = " ".repeat(first);
        for (host, _) in columns.iter() {
            let name: String = names.host(host).chars().take(WIDTH - 2).collect();
            write!(header, "{name:<WIDTH$}")?;
        }
        writeln!(text, "{}", header.trim_end())?;
        if !columns.left_out.is_empty() {
            let left_out = names.hosts(&columns.left_out);
            writeln!(
                text,
                "without a column, as nothing here is about them: {left_out}"
            )?;
        }
    }
    if record.unpinned() > 0 {
        writeln!(
            text,
            "… not kept: {}",
            Count(record.unpinned(), "older pinned line")
        )?;
    }
    for (index, line) in shown.iter().enumerate() {
        if index > 0 && index == pinned.len() {
            writeln!(text, "…")?;
        }
        let line = match (line, &columns) {
            (Line::Note { text, .. }, _) => format!("==== {text} ===="),
            (line, None) => sentence(line, names, limit),
            (Line::Message(message), Some(columns)) => arrow(message, columns, names, limit),
            (Line::Event(event), Some(columns)) => {
                let mut row = life_lines(columns);
                let place = columns.place(event.host).map_or(0, |column| column * WIDTH);
                row[place] = if event.is_pinned { '!' } else { '*' };
                let row: String = row.into_iter().collect();
                format!("{row}  {}", noted(event, names))
            }
        };
        writeln!(text, "{:<first$}{line}", times[index])?;
    }
    Ok(())
}

/// A line as a sentence.
pub(super) fn sentence(line: &Line, names: &Names<'_>, limit: usize) -> String {
    match line {
        Line::Note { text, .. } => text.clone(),
        Line::Event(event) => format!("{}: {}", names.host(event.host), noted(event, names)),
        Line::Message(message) => {
            let (from, to) = (names.host(message.way.0), names.host(message.way.1));
            let (words, remark) = (words(message), remark(message, names, limit));
            format!("{from} -> {to}: {words}, {remark}")
        }
    }
}

pub(super) fn time(at: u64) -> String {
    format!("{:?}", Duration::from_nanos(at))
}

fn life_lines(columns: &Columns) -> Vec<char> {
    let width = columns.len().max(1) * WIDTH - WIDTH + 1;
    let mut row = vec![' '; width];
    for (_, column) in columns.iter() {
        row[column * WIDTH] = '|';
    }
    row
}

fn arrow(message: &Message, columns: &Columns, names: &Names<'_>, limit: usize) -> String {
    let at = |host: HostId| columns.place(host).map_or(0, |column| column * WIDTH);
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
    format!("{row}  {}", remark(message, names, limit))
}
