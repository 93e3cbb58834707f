//! The last messages as an HTML page: hosts are columns, messages are arrows, faults are bars.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::time::Duration;

use super::diagram::{Names, columns, fate, words};
use super::wire::record::{Fate, Line, Message};

const LEFT: usize = 140;
const COLUMN: usize = 220;
const ROW: usize = 26;
const TOP: usize = 60;

const STYLE: &str = "
    body { font: 14px sans-serif; margin: 1em }
    svg { background: #fff }
    text { font: 12px monospace; fill: #222 }
    .host { font: bold 14px sans-serif }
    .life { stroke: #bbb }
    .sent { stroke: #26c; fill: none }
    .lost { stroke: #c22; stroke-dasharray: 4 3; fill: none }
    .held { stroke: #c80; stroke-dasharray: 4 3; fill: none }
    .fault { fill: #fe9; stroke: #da4 }
    .time { fill: #777 }";

pub(super) fn html(lines: &VecDeque<Line>, title: &str, name: Names<'_>) -> String {
    let mut page = String::new();
    // A string takes everything.
    let _ = write(&mut page, lines, title, name);
    page
}

fn write(page: &mut String, lines: &VecDeque<Line>, title: &str, name: Names<'_>) -> fmt::Result {
    let columns = columns(lines.iter());
    let x = |column: usize| LEFT + column * COLUMN + COLUMN / 2;
    let width = LEFT + columns.len().max(1) * COLUMN + 20;
    let height = TOP + (lines.len() + 1) * ROW;
    let title = escape(title);
    writeln!(
        page,
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>"
    )?;
    writeln!(page, "<style>{STYLE}\n</style>\n<h1>{title}</h1>")?;
    writeln!(
        page,
        "<p>The last messages between hosts, in the order in which they were sent. A dashed arrow was lost or waits for its way; \
         a bar is a fault. Point at an arrow to see when it arrived and how it begins.</p>"
    )?;
    writeln!(
        page,
        "<svg width=\"{width}\" height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>"
    )?;
    for (host, column) in &columns {
        let (x, name) = (x(*column), escape(&name(*host)));
        writeln!(
            page,
            "<text class=\"host\" x=\"{x}\" y=\"24\" text-anchor=\"middle\">{name}</text>"
        )?;
        writeln!(
            page,
            "<line class=\"life\" x1=\"{x}\" y1=\"34\" x2=\"{x}\" y2=\"{height}\"/>"
        )?;
    }
    for (row, line) in lines.iter().enumerate() {
        let y = TOP + row * ROW;
        match line {
            Line::Note { at, text } => {
                let (time, text, bar) = (time(*at), escape(text), width - LEFT - 20);
                let top = y - 14;
                writeln!(page, "<text class=\"time\" x=\"8\" y=\"{y}\">{time}</text>")?;
                writeln!(
                    page,
                    "<rect class=\"fault\" x=\"{LEFT}\" y=\"{top}\" width=\"{bar}\" height=\"20\"/>"
                )?;
                writeln!(page, "<text x=\"{}\" y=\"{y}\">{text}</text>", LEFT + 8)?;
            }
            Line::Message(message) => {
                let at = |host| columns.get(&host).map_or(LEFT, |column| x(*column));
                arrow(page, message, y, at(message.way.0), at(message.way.1))?;
            }
        }
    }
    writeln!(page, "</svg>")
}

fn arrow(page: &mut String, message: &Message, y: usize, from: usize, to: usize) -> fmt::Result {
    let class = match message.fate {
        Fate::At(_) => "sent",
        Fate::Lost => "lost",
        Fate::Held => "held",
    };
    // What does not arrive ends half-way.
    let end = match message.fate {
        Fate::At(_) => to,
        Fate::Lost | Fate::Held => (from + to) / 2,
    };
    let (time, words, fate, shown) = (
        time(message.at),
        words(message),
        escape(&fate(message)),
        escape(&message.shown()),
    );
    let middle = (from + to) / 2;
    writeln!(page, "<text class=\"time\" x=\"8\" y=\"{y}\">{time}</text>")?;
    writeln!(
        page,
        "<g><title>{words}, {fate} {shown}</title>\
         <line class=\"{class}\" x1=\"{from}\" y1=\"{y}\" x2=\"{end}\" y2=\"{y}\" marker-end=\"url(#head)\"/>\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{words}</text></g>",
        y - 4
    )
}

fn time(at: u64) -> String {
    format!("{:?}", Duration::from_nanos(at))
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
