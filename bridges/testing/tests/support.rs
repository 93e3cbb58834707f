//! The tables of the manual are made of notes, and not without them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A part of a test's path that stands for each column.
const COLUMNS: [&str; 8] = [
    "tokio_multi_thread",
    "tokio_current_thread",
    "smol_owned",
    "async_std_global",
    "any_tokio",
    "tokio_local",
    "simulation",
    "a_seed_takes_the_same_course_everywhere",
];

fn check(notes: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_support"))
        .arg("--check")
        .env("ANYRT_BRIDGES_PASSED", notes)
        .output()
        .unwrap()
}

/// An empty folder for notes.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_bridge_without_notes_is_named() {
    let output = check(&folder("no_notes"));
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("anyrt-async-rs"), "{error}");
}

#[test]
fn a_test_that_is_taken_away_is_missed() {
    let notes = folder("notes");
    let page = include_str!("../../../anyrt/src/manual/bridges_table.md");
    // The notes of all that the page says, one for each *yes*.
    let rows = page.lines().filter(|line| line.starts_with("| `anyrt-"));
    for row in rows.filter(|row| row.matches('|').count() == COLUMNS.len() + 2) {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let bridge = cells.next().unwrap().trim_matches('`');
        let noted: String = cells
            .zip(COLUMNS)
            .filter(|(cell, _)| *cell == "yes")
            .map(|(_, column)| format!("a_target::a_test::{column}\n"))
            .collect();
        fs::write(notes.join(bridge), noted).unwrap();
    }
    let whole = check(&notes);
    assert!(whole.status.success(), "{whole:?}");

    let file = notes.join("anyrt-quinn");
    let noted = fs::read_to_string(&file).unwrap();
    let without = noted.replace("a_target::a_test::async_std_global\n", "");
    assert_ne!(noted, without);
    fs::write(&file, without).unwrap();
    let output = check(&notes);
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("bridges_table.md is not what"), "{error}");
}
