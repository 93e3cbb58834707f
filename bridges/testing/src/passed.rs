//! What passed, kept for the table of the manual.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;

/// Where the tests of a build keep it: beside the folder of their programs.
pub fn folder(program: &Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    let profile = match folder.file_name()? {
        name if name == "deps" => folder.parent()?,
        _ => folder,
    };
    Some(profile.join("bridges-passed"))
}

/// Notes that the test of the calling thread passed. A test without a thread of its own, or outside of cargo, leaves no note.
pub(crate) fn note(test: Option<&str>) {
    // A note that cannot be written is missing in the table, where it is seen.
    let _ = try_note(test);
}

/// The name of the calling thread, which is that of its test.
pub(crate) fn test() -> Option<String> {
    thread::current().name().map(str::to_owned)
}

fn try_note(test: Option<&str>) -> Option<()> {
    let program = env::current_exe().ok()?;
    let package = env::var("CARGO_PKG_NAME").ok()?;
    let folder = folder(&program)?;
    let target = program.file_stem()?.to_str()?;
    let target = target.rsplit_once('-').map_or(target, |(name, _)| name);
    fs::create_dir_all(&folder).ok()?;
    let mut notes = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(package))
        .ok()?;
    // One write, so that lines of processes do not mix.
    let line = format!("{target}::{}\n", test?);
    notes.write_all(line.as_bytes()).ok()
}
