use std::fmt::{Result, Write};

use super::{Counts, Report, RuleReport};
use crate::{Outcome, Rule, Status};

/// The look of the page.
const STYLE: &str = include_str!("html.css");
/// What its buttons do. Without it the page shows everything.
const SCRIPT: &str = include_str!("html.js");

/// Where a report comes from, as its page says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Names and versions of what was measured, and with what.
    pub versions: Vec<String>,
    /// When.
    pub date: String,
    /// The command that makes such a report.
    pub command: String,
}

/// The report as one page that asks for nothing else: the matrix of `backends`, the texts of `rules`, the reasons, and its
/// `origin`.
pub fn html(report: &Report, backends: &[String], rules: &[Rule], origin: &Origin) -> String {
    let mut out = String::new();
    let page = Page {
        report,
        backends,
        rules,
        origin,
    };
    page.write(&mut out).expect("a string takes any text");
    out
}

struct Page<'a> {
    report: &'a Report,
    backends: &'a [String],
    rules: &'a [Rule],
    origin: &'a Origin,
}

/// How each way to end is shown: its class, its sign and its name.
const STATUSES: [(Status, &str, &str, &str); 5] = [
    (Status::Fail, "fail", "✗", "fail"),
    (Status::Deviation, "deviation", "~", "deviate as declared"),
    (Status::NotApplicable, "absent", "—", "not applicable"),
    (Status::Recorded, "recorded", "i", "recorded"),
    (Status::Pass, "pass", "✓", "pass"),
];

impl Page<'_> {
    fn write(&self, out: &mut String) -> Result {
        let (rules, backends) = (self.report.rules.len(), self.backends.len());
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>anyrt conformance: {rules} rules on {backends} backends</title>\n\
             <style>\n{STYLE}</style>\n\
             <noscript><style>.more {{ display: table-row !important }} .filters {{ display: none }}</style></noscript>\n\
             </head>\n<body>\n<header>\n<h1>Conformance</h1>\n\
             <p>{rules} rules on {backends} backends. A rule opens at a click.</p>\n"
        )?;
        self.filters(out)?;
        out.push_str("</header>\n<main>\n");
        self.matrix(out)?;
        self.backends(out)?;
        self.origin(out)?;
        write!(
            out,
            "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
        )
    }

    fn origin(&self, out: &mut String) -> Result {
        let Origin {
            versions,
            date,
            command,
        } = self.origin;
        let versions = escape(&versions.join(", "));
        let (date, command) = (escape(date), escape(command));
        writeln!(
            out,
            "<h2>Where this comes from</h2>\n<p><code>{command}</code> on {date}, with {versions}.</p>"
        )
    }

    fn filters(&self, out: &mut String) -> Result {
        out.push_str("<form class=\"filters\">\n<div>\n");
        let total = &self.report.summary.total;
        for (status, class, sign, name) in STATUSES {
            let count = count(total, status);
            writeln!(
                out,
                "<button type=\"button\" class=\"chip {class}\" data-status=\"{class}\" aria-pressed=\"false\">\
                 <b>{sign}</b> {count} {name}</button>"
            )?;
        }
        out.push_str("</div>\n<div>\n<input type=\"search\" id=\"text\" placeholder=\"Find a rule\" aria-label=\"Find a rule\">\n");
        out.push_str("<select id=\"family\" aria-label=\"Family\">\n<option value=\"\">All families</option>\n");
        let mut family = "";
        for rule in &self.report.rules {
            if rule.family != family {
                family = &rule.family;
                writeln!(out, "<option>{}</option>", escape(family))?;
            }
        }
        out.push_str("</select>\n<select id=\"level\" aria-label=\"Level\">\n<option value=\"\">All levels</option>\n");
        for level in ["must", "capability", "should", "info"] {
            writeln!(out, "<option>{level}</option>")?;
        }
        out.push_str(
            "</select>\n<output id=\"shown\"></output>\n</div>\n<div class=\"columns\">\n",
        );
        for (at, key) in self.backends.iter().enumerate() {
            writeln!(
                out,
                "<label><input type=\"checkbox\" checked data-column=\"{at}\"> {}</label>",
                escape(key)
            )?;
        }
        out.push_str("</div>\n</form>\n");
        Ok(())
    }

    fn matrix(&self, out: &mut String) -> Result {
        out.push_str("<div class=\"scroll\">\n<table class=\"matrix\">\n<thead>\n<tr><th scope=\"col\">Rule</th>");
        for key in self.backends {
            write!(
                out,
                "<th scope=\"col\" class=\"key\"><span>{}</span></th>",
                escape(key)
            )?;
        }
        out.push_str("</tr>\n</thead>\n");
        let mut family = None;
        for (at, rule) in self.report.rules.iter().enumerate() {
            if family != Some(&rule.family) {
                if family.is_some() {
                    out.push_str("</tbody>\n");
                }
                family = Some(&rule.family);
                writeln!(
                    out,
                    "<tbody>\n<tr class=\"family\"><th scope=\"rowgroup\" colspan=\"{}\"><span>{}</span></th></tr>",
                    self.backends.len() + 1,
                    escape(&rule.family)
                )?;
            }
            self.rule(out, at, rule)?;
        }
        if family.is_some() {
            out.push_str("</tbody>\n");
        }
        out.push_str("</table>\n</div>\n");
        Ok(())
    }

    fn rule(&self, out: &mut String, at: usize, rule: &RuleReport) -> Result {
        let id = escape(&rule.id);
        let name = rule.id.split_once("::").map_or(&*rule.id, |(_, name)| name);
        let level = rule.level;
        write!(
            out,
            "<tr class=\"rule\" id=\"{id}\" data-family=\"{}\" data-level=\"{level}\">\
             <th scope=\"row\"><button type=\"button\" aria-expanded=\"false\" aria-controls=\"more{at}\">{}</button>\
             <small>{level}</small></th>",
            escape(&rule.family),
            escape(name).replace('_', "_<wbr>")
        )?;
        for key in self.backends {
            match rule.results.get(key) {
                Some(outcome) => {
                    let (_, class, sign, name) = shown(outcome.status);
                    let title = escape(&title(key, name, outcome));
                    write!(out, "<td class=\"{class}\" title=\"{title}\">{sign}</td>")?;
                }
                None => out.push_str("<td></td>"),
            }
        }
        out.push_str("</tr>\n");
        write!(
            out,
            "<tr class=\"more\" id=\"more{at}\" hidden><td colspan=\"{}\"><div>",
            self.backends.len() + 1
        )?;
        write!(out, "<p class=\"id\"><code>{id}</code></p>")?;
        match self.rules.iter().find(|it| it.id() == rule.id) {
            Some(known) => paragraphs(out, &known.text())?,
            None => out.push_str("<p>This program does not know the rule's text.</p>"),
        }
        self.reasons(out, rule)?;
        out.push_str("</div></td></tr>\n");
        Ok(())
    }

    /// What is said about each backend, once for those of which the same is said.
    fn reasons(&self, out: &mut String, rule: &RuleReport) -> Result {
        let mut said: Vec<(&Outcome, Vec<&str>)> = Vec::new();
        let outcomes = self
            .backends
            .iter()
            .filter_map(|key| Some((key, rule.results.get(key)?)));
        for (key, outcome) in outcomes.filter(|(_, it)| !it.reason.is_empty()) {
            let same = |it: &Outcome| (it.status, &it.reason) == (outcome.status, &outcome.reason);
            match said.iter_mut().find(|(it, _)| same(it)) {
                Some((_, keys)) => keys.push(key),
                None => said.push((outcome, vec![key])),
            }
        }
        if said.is_empty() {
            return Ok(());
        }
        out.push_str("<ul>");
        for (outcome, keys) in said {
            let (_, class, sign, _) = shown(outcome.status);
            let (keys, reason) = (escape(&keys.join(", ")), inline(&outcome.reason));
            write!(
                out,
                "<li><b class=\"{class}\">{sign}</b> <span class=\"keys\">{keys}</span>: {reason}</li>"
            )?;
        }
        out.push_str("</ul>");
        Ok(())
    }

    fn backends(&self, out: &mut String) -> Result {
        out.push_str("<h2>By backend</h2>\n<div class=\"scroll\">\n<table class=\"counts\">\n<thead>\n<tr><th scope=\"col\">Backend</th>");
        for (_, _, sign, name) in STATUSES {
            write!(out, "<th scope=\"col\">{sign} {name}</th>")?;
        }
        out.push_str("</tr>\n</thead>\n<tbody>\n");
        for key in self.backends {
            let counts = self
                .report
                .summary
                .backends
                .get(key)
                .copied()
                .unwrap_or_default();
            write!(out, "<tr><th scope=\"row\">{}</th>", escape(key))?;
            for (status, class, ..) in STATUSES {
                match count(&counts, status) {
                    0 => out.push_str("<td>0</td>"),
                    some => write!(out, "<td class=\"{class}\">{some}</td>")?,
                }
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table>\n</div>\n");
        Ok(())
    }
}

fn shown(status: Status) -> (Status, &'static str, &'static str, &'static str) {
    *STATUSES
        .iter()
        .find(|(it, ..)| *it == status)
        .expect("every status is among them")
}

fn count(counts: &Counts, status: Status) -> usize {
    match status {
        Status::Pass => counts.pass,
        Status::Fail => counts.fail,
        Status::Deviation => counts.deviation,
        Status::NotApplicable => counts.not_applicable,
        Status::Recorded => counts.recorded,
    }
}

fn title(key: &str, name: &str, outcome: &Outcome) -> String {
    let reason = &outcome.reason;
    match reason.is_empty() {
        true => format!("{key}: {name}, {} ms", outcome.millis),
        false => format!("{key}: {name}: {reason}"),
    }
}

/// The text of a rule, a paragraph for each of its own.
fn paragraphs(out: &mut String, text: &str) -> Result {
    for paragraph in text
        .split("\n\n")
        .map(str::trim)
        .filter(|it| !it.is_empty())
    {
        write!(out, "<p>{}</p>", inline(&paragraph.replace('\n', " ")))?;
    }
    Ok(())
}

/// A line of Markdown, as far as rules use it: code between backticks, and links, of which the text stays.
fn inline(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in unlinked(text).split('`').enumerate() {
        match at % 2 {
            0 => html.push_str(&escape(part)),
            _ => html.push_str(&format!("<code>{}</code>", escape(part))),
        }
    }
    html
}

fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let closed = link.split_once("](").and_then(|(name, after)| {
            let (_, after) = after.split_once(')')?;
            Some((name, after))
        });
        plain.push_str(before);
        match closed {
            Some((name, after)) if !name.contains('[') => {
                plain.push_str(name);
                rest = after;
            }
            _ => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain + rest
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Body, Level, Record};

    fn outcome(status: Status, reason: &str) -> Outcome {
        Outcome {
            status,
            reason: reason.to_owned(),
            millis: Duration::from_millis(3).as_millis() as u64,
        }
    }

    fn known() -> Rule {
        Rule {
            family: "join",
            name: "second_poll_panics",
            level: Level::Must,
            docs: &[" Polling a handle `twice` panics."],
            needs: &[],
            body: Body::Shared(|_| Record(None)),
        }
    }

    fn page() -> String {
        let rule = |id: &str, results: [(&str, Outcome); 2]| RuleReport {
            id: id.to_owned(),
            level: Level::Must,
            family: id.split("::").next().unwrap_or_default().to_owned(),
            results: results.map(|(key, it)| (key.to_owned(), it)).into(),
        };
        let mut report = Report {
            rules: vec![
                rule(
                    "join::second_poll_panics",
                    [
                        ("a", outcome(Status::Pass, "")),
                        ("b", outcome(Status::Fail, "it said <b>\"no\"</b> & `left`")),
                    ],
                ),
                rule(
                    "sleep::never_early",
                    [
                        ("a", outcome(Status::Deviation, "as it is")),
                        ("b", outcome(Status::Deviation, "as it is")),
                    ],
                ),
            ],
            summary: super::super::Summary::default(),
        };
        report.summary.total.fail = 1;
        let origin = Origin {
            versions: vec![String::from("tokio 1.2.3"), String::from("rustc 1.85.0")],
            date: String::from("2026-11-26 10:00 UTC"),
            command: String::from("conformance --rule 'a<b'"),
        };
        html(
            &report,
            &["a".to_owned(), "b".to_owned()],
            &[known()],
            &origin,
        )
    }

    #[test]
    fn the_page_says_where_it_comes_from() {
        let line = "<p><code>conformance --rule 'a&lt;b'</code> on 2026-11-26 10:00 UTC, with tokio 1.2.3, rustc 1.85.0.</p>";
        assert!(page().contains(line));
    }

    #[test]
    fn the_page_stands_by_itself() {
        let page = page();
        for outside in ["http:", "https:", "src=", "<link", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    }

    #[test]
    fn it_holds_texts_and_reasons_and_escapes_them() {
        let page = page();
        assert!(page.contains("Polling a handle <code>twice</code> panics."));
        assert!(page.contains("it said &lt;b&gt;&quot;no&quot;&lt;/b&gt; &amp; <code>left</code>"));
        assert!(page.contains("<span class=\"keys\">a, b</span>: as it is"));
        assert!(page.contains("data-status=\"fail\" aria-pressed=\"false\"><b>✗</b> 1 fail"));
    }

    #[test]
    fn every_tag_that_opens_closes() {
        let page = page();
        for tag in [
            "table", "tbody", "tr", "td", "th", "ul", "li", "div", "button", "code", "span",
        ] {
            let opened = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }

    #[test]
    fn links_keep_their_text() {
        assert_eq!(
            inline("see [`Gate`](crate::Gate) and a[0]"),
            "see <code>Gate</code> and a[0]"
        );
    }
}
