use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::FileError;
use super::progress::Counters;
use super::stop::StopFlag;

/// The files below a folder, relative to it and in the order of their paths, and the folders that could not be read.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) files: Vec<PathBuf>,
    pub(super) errors: Vec<FileError>,
}

/// Walks the folder `root`. Blocks. Ends early once the flag is set.
pub(super) fn walk(
    root: &Path,
    ignored: &[OsString],
    counters: &Counters,
    stop: &StopFlag,
) -> io::Result<Walk> {
    let mut walk = Walk::default();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let read = fs::read_dir(root.join(&folder)).and_then(|mut entries| {
            entries.try_for_each(|entry| {
                if stop.is_set() {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                let entry = entry?;
                let (kind, name) = (entry.file_type()?, entry.file_name());
                // A symbolic link is neither.
                if kind.is_file() {
                    counters.files_found.fetch_add(1, Ordering::Relaxed);
                    walk.files.push(folder.join(name));
                } else if kind.is_dir() && !ignored.contains(&name) {
                    folders.push(folder.join(name));
                }
                Ok(())
            })
        });
        match read {
            Ok(()) => {}
            // Nothing can be said about a tree whose root cannot be read.
            Err(cause) if folder.as_os_str().is_empty() => return Err(cause),
            Err(_) if stop.is_set() => break,
            Err(cause) => walk.errors.push(FileError::new(folder, 1, cause)),
        }
    }
    walk.files.sort();
    walk.errors.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(walk)
}
