//! Finding one's way about the workspace.

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn root() -> PathBuf {
    let checks = Path::new(env!("CARGO_MANIFEST_DIR"));
    checks
        .parent()
        .expect("checks is a folder of the workspace")
        .to_path_buf()
}

/// A file's text, named from the workspace's folder.
///
/// # Panics
///
/// When it cannot be read, with its name.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files under `folder` (named from the workspace's folder) that end in `extension`, sorted, without build outputs.
pub fn files(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() {
                if name != "target" && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path as it is named from the workspace's folder.
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The values of the array `key` in the root manifest's table `table`, as in `members = ["core", …]`.
pub fn members() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let list = manifest
        .split_once("members = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .expect("the root manifest lists its members")
        .0;
    list.split('"').skip(1).step_by(2).map(Into::into).collect()
}

/// Compares a checked-in file with what it ought to say, or writes it when `ANYRT_BLESS` is set.
///
/// # Panics
///
/// When the two differ, with the first line that does and how to accept the new text.
pub fn assert_fresh(path: &str, expected: &str) {
    if std::env::var_os("ANYRT_BLESS").is_some() {
        fs::write(root().join(path), expected).expect("the workspace can be written to");
        return;
    }
    let actual = fs::read_to_string(root().join(path)).unwrap_or_default();
    if actual == expected {
        return;
    }
    let mut lines = actual.lines().zip(expected.lines()).enumerate();
    let differs = lines.find(|(_, (old, new))| old != new);
    let (number, old, new) = match differs {
        Some((index, (old, new))) => (index + 1, old, new),
        None => (
            actual.lines().count().min(expected.lines().count()) + 1,
            "…",
            "…",
        ),
    };
    panic!(
        "{path} is stale at line {number}:\n  it says:  {old}\n  the code: {new}\nIf the change is meant, \
         write it anew with `checks/bless` and review the diff."
    );
}
