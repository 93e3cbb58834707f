//! The tables of the manual that say which library was tested on what, made of what the tests of the bridges have noted, and which Rust
//! each bridge needs.
//!
//! `cargo test --workspace`, and then `cargo run -p anyrt-bridge-testing --bin support` writes it; with `--check`, it compares. The notes
//! are those of its own build, unless `ANYRT_BRIDGES_PASSED` names another folder.

mod rust;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use anyrt_bridge_testing::passed;

const PAGE: &str = "anyrt/src/manual/bridges_table.md";

/// A column, and the parts of a test's path of which one says that it ran there.
const COLUMNS: [(&str, &[&str]); 8] = [
    ("tokio, many threads", &["tokio_multi_thread"]),
    ("tokio, one thread", &["tokio_current_thread"]),
    ("smol", &["smol_owned", "smol_global"]),
    ("async-std", &["async_std_global"]),
    (
        "`AnyNet`, `AnyRuntime`",
        &["any_tokio", "any_smol", "any_on_tokio", "any_on_smol"],
    ),
    (
        "local ones",
        &["tokio_local", "smol_local", "async_std_local"],
    ),
    ("simulation", &["simulation", "simulated", "sim", "replay"]),
    (
        "same course in each process",
        &["a_seed_takes_the_same_course_everywhere"],
    ),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("support: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = match env::var_os("ANYRT_BRIDGES_PASSED") {
        Some(folder) => PathBuf::from(folder),
        None => passed::folder(&env::current_exe()?)
            .ok_or_else(|| io::Error::other("it is not where cargo puts it"))?,
    };
    let mut rows = Vec::new();
    for bridge in bridges(&root)? {
        let notes = folder.join(format!("anyrt-{bridge}"));
        let notes = fs::read_to_string(&notes).map_err(|error| {
            let todo = "run `cargo test --workspace` before";
            io::Error::other(format!("{}: {error}; {todo}", notes.display()))
        })?;
        rows.push((bridge, notes));
    }
    let bridges: Vec<&str> = rows.iter().map(|(bridge, _)| bridge.as_str()).collect();
    let page = page(&rows) + &rust::table(&root, &bridges)?;
    let file = root.join(PAGE);
    if env::args().any(|argument| argument == "--check") {
        if fs::read_to_string(&file)? != page {
            eprintln!("{page}");
            return Err(io::Error::other(format!(
                "{PAGE} is not what the tests have shown: run it without `--check`"
            )));
        }
        return Ok(());
    }
    fs::write(file, page)
}

/// The folders of bridges that have tests.
fn bridges(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root.join("bridges"))? {
        let path: PathBuf = entry?.path();
        if path.join("README.md").exists() && path.join("tests").is_dir() {
            names.extend(
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned()),
            );
        }
    }
    Ok(names)
}

fn page(rows: &[(String, String)]) -> String {
    let mut page = String::from(
        "\n<!-- Written by `cargo run -p anyrt-bridge-testing --bin support` from what passed. Do not edit. -->\n\n\
         # What was tested where\n\n\
         Each *yes* is a test that passed. A bridge whose library takes the system's own sockets has none in simulation.\n\n| bridge |",
    );
    for (column, _) in COLUMNS {
        let _ = write!(page, " {column} |");
    }
    page.push_str("\n| --- |");
    page.push_str(&" --- |".repeat(COLUMNS.len()));
    page.push('\n');
    for (bridge, notes) in rows {
        let parts: BTreeSet<&str> = notes.lines().flat_map(|line| line.split("::")).collect();
        let _ = write!(page, "| `anyrt-{bridge}` |");
        for (_, names) in COLUMNS {
            let passed = names.iter().any(|name| parts.contains(name));
            page.push_str(if passed { " yes |" } else { " |" });
        }
        page.push('\n');
    }
    page
}
