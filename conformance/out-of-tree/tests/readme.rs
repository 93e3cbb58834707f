//! The README quotes the code as it is.

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => rust_files(&path),
        false => vec![path],
    });
    files.collect()
}

#[test]
fn every_quoted_line_is_one_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &PathBuf| fs::read_to_string(path).expect("it can be read");
    let files = ["src", "tests"].map(|folder| rust_files(&root.join(folder)));
    let code: String = files.concat().iter().map(read).collect();
    let code: Vec<_> = code.lines().map(str::trim).collect();
    let readme = read(&root.join("README.md"));
    let quotes = readme.split("```rust,ignore\n").skip(1);
    let quoted = quotes.flat_map(|quote| quote.split("```").next().unwrap_or_default().lines());
    for line in quoted {
        assert!(code.contains(&line.trim()), "no line of the code: {line}");
    }
}
