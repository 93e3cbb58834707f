//! The last messages as an HTML page: hosts are columns, messages are arrows, faults are bars, and what programs noted stands beside
//! a dot.

use std::fmt::{self, Write};

use super::columns::Columns;
use super::diagram::{noted, remark, time, words};
use super::names::Names;
use super::wire::line::{Fate, Line, Message};
use super::wire::record::Record;
use crate::TaskInfo;
use crate::report::text::table;

const LEFT: usize = 150;
const COLUMN: usize = 260;
const ROW: usize = 30;
const TOP: usize = 60;
/// How many bytes of a message stand on its arrow, and twice as many letters of what is said of it.
const LABEL: usize = 24;

const STYLE: &str = "
    body { font: 14px sans-serif; margin: 1em }
    svg { overflow: visible }
    pre { font: 13px monospace; white-space: pre-wrap; border-left: 4px solid #c22; padding: 4px 12px; background: #fff4f4 }
    .names { position: sticky; top: 0; background: #fff; border-bottom: 1px solid #bbb; display: block }
    text { font: 12px monospace; fill: #222 }
    .host { font: bold 14px sans-serif; text-anchor: middle }
    .life { stroke: #bbb }
    .sent { stroke: #26c; fill: none }
    .lost { stroke: #c22; stroke-dasharray: 4 3; fill: none }
    .held { stroke: #c80; stroke-dasharray: 4 3; fill: none }
    .fault { fill: #fe9; stroke: #da4 }
    .dot { fill: #283 }
    .pin { fill: #c22 }
    table { border-collapse: collapse }
    td, th { font: 12px monospace; text-align: left; padding: 2px 10px; border-bottom: 1px solid #ddd }
    .noted { fill: #162; paint-order: stroke; stroke: #fff; stroke-width: 4px }
    .words { text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 4px }
    .more { fill: #777; font-size: 11px }
    .time { fill: #777; text-anchor: end }
    g:hover .sent, g:hover .lost, g:hover .held { stroke-width: 3px }";

const MARKERS: &str = "<defs>\
     <marker id=\"sent\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
     <path d=\"M0 0 8 4 0 8z\" fill=\"#26c\"/></marker>\
     <marker id=\"lost\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"10\" markerHeight=\"10\">\
     <path d=\"M0 0 8 8M0 8 8 0\" stroke=\"#c22\" stroke-width=\"1.6\"/></marker>\
     <marker id=\"held\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"10\" markerHeight=\"10\" orient=\"auto\">\
     <path d=\"M3 0V8M6 0V8\" stroke=\"#c80\" stroke-width=\"1.6\"/></marker></defs>";

pub(super) fn html(record: &Record, title: &str, names: &Names<'_>) -> String {
    let mut page = String::new();
    // A string takes everything.
    let _ = write(&mut page, record, title, names);
    page
}

fn write(page: &mut String, record: &Record, title: &str, names: &Names<'_>) -> fmt::Result {
    let pinned: Vec<Line> = record.pinned().cloned().map(Line::Event).collect();
    let lines: Vec<&Line> = pinned.iter().chain(record.lines()).collect();
    let columns = Columns::new(
        lines.iter().copied(),
        names.view.failing,
        names.wire.hosts_seen(),
        usize::MAX,
    );
    let x = |column: usize| LEFT + column * COLUMN + COLUMN / 2;
    let width = LEFT + columns.len().max(1) * COLUMN + COLUMN / 2;
    let height = TOP + lines.len() * ROW;
    let short = escape(title.lines().next().unwrap_or_default());
    let title = escape(title);
    writeln!(
        page,
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{short}</title>\n<style>{STYLE}\n</style>\n<pre>{title}</pre>"
    )?;
    writeln!(
        page,
        "<p>The last messages between hosts, the newest at the bottom. A solid arrow arrived; a dashed one was lost (\u{d7}) or waits for \
         its way (\u{2016}). A bar is a fault, or the start of a host; a dot is what a program noted, and a red dot what it pinned. Point at a row \
         for all that is known of it.</p>"
    )?;
    if !columns.left_out.is_empty() {
        let left_out = escape(&names.hosts(&columns.left_out));
        writeln!(
            page,
            "<p>Nothing here is about these hosts: {left_out}.</p>"
        )?;
    }
    writeln!(
        page,
        "<svg class=\"names\" width=\"{width}\" height=\"34\" xmlns=\"http://www.w3.org/2000/svg\">"
    )?;
    for (host, column) in columns.iter() {
        let (x, name) = (x(column), escape(&names.host(host)));
        writeln!(
            page,
            "<text class=\"host\" x=\"{x}\" y=\"22\">{name}</text>"
        )?;
    }
    writeln!(
        page,
        "</svg>\n<svg width=\"{width}\" height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">\n{MARKERS}"
    )?;
    for (_, column) in columns.iter() {
        let x = x(column);
        writeln!(
            page,
            "<line class=\"life\" x1=\"{x}\" y1=\"0\" x2=\"{x}\" y2=\"{height}\"/>"
        )?;
    }
    for (row, line) in lines.iter().enumerate() {
        let y = TOP / 2 + row * ROW;
        let at = |host| columns.place(host).map_or(LEFT, x);
        writeln!(
            page,
            "<g><text class=\"time\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 20,
            y + 4,
            time(line.at())
        )?;
        match line {
            Line::Note { text, .. } => {
                let (text, bar, top) = (escape(text), width - LEFT - 20, y - 10);
                writeln!(
                    page,
                    "<rect class=\"fault\" x=\"{LEFT}\" y=\"{top}\" width=\"{bar}\" height=\"20\"/>\
                     <text x=\"{}\" y=\"{}\">{text}</text>",
                    LEFT + 8,
                    y + 4
                )?;
            }
            Line::Event(event) => {
                let (x, noted) = (at(event.host), escape(&noted(event, names)));
                let class = if event.is_pinned { "pin" } else { "dot" };
                writeln!(
                    page,
                    "<title>{}</title><circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>\
                     <text class=\"noted\" x=\"{}\" y=\"{}\">{noted}</text>",
                    match event.text.trim() {
                        "" => noted.clone(),
                        text => escape(text),
                    },
                    x + 10,
                    y + 4
                )?;
            }
            Line::Message(message) => {
                arrow(
                    page,
                    message,
                    y,
                    at(message.way.0),
                    at(message.way.1),
                    names,
                )?;
            }
        }
        writeln!(page, "</g>")?;
    }
    writeln!(page, "</svg>")?;
    tasks(page, names.view.tasks)
}

/// The tasks that were left, and what each waits for.
fn tasks(page: &mut String, tasks: &[TaskInfo]) -> fmt::Result {
    if tasks.is_empty() {
        return Ok(());
    }
    writeln!(page, "<p>The tasks that were left:</p>\n<table>")?;
    let [head, rows @ ..] = &table(tasks)[..] else {
        return Ok(());
    };
    let row = |page: &mut String, cells: &[String], tag: &str| {
        let cells = cells
            .iter()
            .map(|cell| format!("<{tag}>{}</{tag}>", escape(cell)));
        writeln!(page, "<tr>{}</tr>", cells.collect::<String>())
    };
    row(page, head, "th")?;
    for cells in rows {
        row(page, cells, "td")?;
    }
    writeln!(page, "</table>")
}

fn arrow(
    page: &mut String,
    message: &Message,
    y: usize,
    from: usize,
    to: usize,
    names: &Names<'_>,
) -> fmt::Result {
    let class = match message.fate {
        Fate::At(_) => "sent",
        Fate::Lost => "lost",
        Fate::Held => "held",
    };
    let (middle, is_right) = ((from + to) / 2, to > from);
    // What does not arrive ends half-way.
    let end = match message.fate {
        Fate::At(_) => to,
        Fate::Lost | Fate::Held if is_right => middle + COLUMN / 4,
        Fate::Lost | Fate::Held => middle - COLUMN / 4,
    };
    let (words, remark) = (words(message), escape(&remark(message, names, usize::MAX)));
    let bytes = names.bytes(message, LABEL);
    let label = match names.described(message).unwrap_or(&bytes) {
        "" => words.clone(),
        said => format!("{words} {}", escape(&short(said))),
    };
    writeln!(
        page,
        "<title>{words}, {remark}</title>\
         <line class=\"{class}\" x1=\"{from}\" y1=\"{y}\" x2=\"{end}\" y2=\"{y}\" marker-end=\"url(#{class})\"/>\
         <text class=\"words\" x=\"{middle}\" y=\"{}\">{label}</text>",
        y - 5
    )?;
    if let Some(task) = message.by {
        let task = escape(&names.task(task, message.way.0));
        let (x, anchor) = match is_right {
            true => (from - 6, "end"),
            false => (from + 6, "start"),
        };
        writeln!(
            page,
            "<text class=\"more\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{task}</text>",
            y + 4
        )?;
    }
    Ok(())
}

/// What fits on an arrow.
fn short(text: &str) -> String {
    match text.char_indices().nth(2 * LABEL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_say_is_no_html() {
        assert_eq!(
            escape("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
