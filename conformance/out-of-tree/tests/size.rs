//! How long the adapter for `mini` is, and the runtime.

use std::fs;
use std::path::Path;

/// Lines of code in `files` under `src`: no comments, no blank lines, no `use`.
fn lines(files: &[&str]) -> usize {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let count = |file: &&str| {
        let text = fs::read_to_string(src.join(file)).expect("the file exists");
        let mut is_use = false;
        let lines = text.lines().map(str::trim).filter(|line| {
            is_use |= line.starts_with("use ") || line.starts_with("pub use ");
            let is_code = !is_use && !line.is_empty() && !line.starts_with("//");
            is_use &= !line.ends_with(';');
            is_code
        });
        lines.count()
    };
    files.iter().map(count).sum()
}

#[test]
fn the_adapter_has_less_than_200_lines() {
    let lines = lines(&["join.rs", "mini/mod.rs"]);
    assert!(lines < 200, "it has {lines} lines");
}

#[test]
fn the_runtime_has_less_than_270_lines() {
    let lines = lines(&[
        "mini/entry.rs",
        "mini/scheduler.rs",
        "mini/sleep.rs",
        "row.rs",
    ]);
    // 20 are for two rules: `sleep::ready_sleeps_give_way` and `shutdown::destructor_finds_its_runtime`.
    assert!(
        lines < 270,
        "it has {lines} lines, where 250 and 20 for ready sleeps and destructors are the limit"
    );
}
