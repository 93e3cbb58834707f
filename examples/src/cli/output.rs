use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::treehash::{Progress, Report};

/// Writes the progress line: over the one before on a terminal, below it elsewhere.
pub(super) fn show(progress: Progress, on_terminal: bool) {
    let (before, after) = if on_terminal {
        ("\r\x1b[K", "")
    } else {
        ("", "\n")
    };
    // A progress line that cannot be written is no reason to stop.
    let _ = write!(
        io::stderr(),
        "{before}{} of {} files, {} KiB, {:.1} s{after}",
        progress.files_done,
        progress.files_found,
        progress.bytes_read / 1024,
        progress.elapsed.as_secs_f64(),
    );
}

/// Wipes the progress line off the terminal.
pub(super) fn finish() {
    let _ = write!(io::stderr(), "\r\x1b[K");
}

/// The text for a report.
pub(super) fn render(report: &Report, list: bool) -> String {
    let mut text = String::new();
    if list {
        for file in report.files() {
            let _ = writeln!(text, "{}  {}", file.digest, file.path.display());
        }
    }
    let (files, bytes) = (report.files().len(), report.bytes());
    let _ = match report.digest() {
        Some(digest) => writeln!(text, "{files} files, {bytes} bytes, root {digest}"),
        None => {
            let (found, how) = (report.files_found(), how_it_ended(report));
            writeln!(
                text,
                "{files} of {found} files, {bytes} bytes, {how}: no root digest"
            )
        }
    };
    text
}

fn how_it_ended(report: &Report) -> String {
    match (report.is_stopped(), report.errors().len()) {
        (true, 0) => "stopped".into(),
        (true, failed) => format!("stopped, {failed} failed"),
        (false, failed) => format!("{failed} failed"),
    }
}

/// Writes `text` to standard output, whose reader may have gone.
pub(super) fn print(text: &str, code: ExitCode) -> ExitCode {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write to standard output: {error}");
            ExitCode::FAILURE
        }
        _ => code,
    }
}
