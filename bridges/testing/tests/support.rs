//! The table of the manual is made of notes, and not without them.

use std::process::Command;

#[test]
fn a_bridge_without_notes_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_support"))
        .arg("--check")
        .env("ANYRT_BRIDGES_PASSED", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("anyrt-async-rs"), "{error}");
}
