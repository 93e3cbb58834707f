//! Downloads a file with a progress bar, on one thread of the runtime that is compiled in: tokio before smol before async-std.

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;

#[cfg(all(feature = "async-std", not(any(feature = "smol", feature = "tokio"))))]
use anyrt_async_std::Local;
use anyrt_core::{BlockOn, Config, Launch};
use anyrt_examples::download::{Bar, Progress, download};
#[cfg(all(feature = "smol", not(feature = "tokio")))]
use anyrt_smol::Local;
#[cfg(feature = "tokio")]
use anyrt_tokio::Local;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, file] = &arguments[..] else {
        eprintln!("Usage: download URL FILE");
        return ExitCode::from(2);
    };
    match fetch(url, file) {
        Ok(done) => {
            show(done);
            eprintln!();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nerror: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fetch(url: &str, file: &str) -> io::Result<Progress> {
    let rt = Local::launch(Config::new()).map_err(io::Error::other)?;
    let file = File::create(file)?;
    rt.block_on(download(&rt.handle(), url, file, show))
}

/// Writes the bar over the one before.
fn show(progress: Progress) {
    // A bar that cannot be written is no reason to stop.
    let _ = write!(io::stderr(), "\r\x1b[K{}", Bar(progress));
}
