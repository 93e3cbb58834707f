use std::fmt::Write;

use super::Report;
use crate::Status;

/// The report in the format of JUnit, one test suite for each backend.
pub fn junit(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write(&mut xml, report).expect("a string takes any text");
    xml
}

fn write(xml: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(xml, "<testsuites name=\"anyrt-conformance\">")?;
    for (key, counts) in &report.summary.backends {
        let skipped = counts.not_applicable;
        let tests = counts.pass + counts.fail + counts.deviation + counts.recorded + skipped;
        let failures = counts.fail;
        let name = escape(key);
        writeln!(
            xml,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">"
        )?;
        for rule in &report.rules {
            let Some(outcome) = rule.results.get(key) else {
                continue;
            };
            let (id, reason) = (escape(&rule.id), escape(&outcome.reason));
            let seconds = std::time::Duration::from_millis(outcome.millis).as_secs_f64();
            write!(
                xml,
                "    <testcase classname=\"{name}\" name=\"{id}\" time=\"{seconds:.3}\">"
            )?;
            match outcome.status {
                Status::Fail => write!(xml, "<failure message=\"{reason}\"/>")?,
                Status::NotApplicable => write!(xml, "<skipped message=\"{reason}\"/>")?,
                Status::Deviation => write!(xml, "<system-out>deviates: {reason}</system-out>")?,
                Status::Pass | Status::Recorded if !reason.is_empty() => {
                    write!(xml, "<system-out>{reason}</system-out>")?;
                }
                Status::Pass | Status::Recorded => {}
            }
            writeln!(xml, "</testcase>")?;
        }
        writeln!(xml, "  </testsuite>")?;
    }
    writeln!(xml, "</testsuites>")
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            // Other control characters have no place in XML.
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
