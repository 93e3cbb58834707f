//! Tells the command which compiler and which versions of the runtimes it was built with.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The crates whose versions a report names.
const RUNTIMES: [&str; 7] = [
    "async-executor",
    "async-io",
    "async-std",
    "async-task",
    "blocking",
    "smol",
    "tokio",
];

fn main() {
    let mut versions = Vec::new();
    let rustc = env::var("RUSTC").unwrap_or_else(|_| String::from("rustc"));
    if let Ok(output) = Command::new(rustc).arg("--version").output() {
        let text = String::from_utf8_lossy(&output.stdout);
        // The hash and the date in brackets say nothing more of a release.
        versions.extend(text.split(" (").next().map(|it| it.trim().to_owned()));
    }
    let folder = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let lock = Path::new(&folder)
        .ancestors()
        .map(|it| it.join("Cargo.lock"))
        .find(|it| it.is_file());
    if let Some(path) = lock {
        println!("cargo::rerun-if-changed={}", path.display());
        let lock = fs::read_to_string(path).unwrap_or_default();
        versions.extend(RUNTIMES.iter().filter_map(|name| locked(&lock, name)));
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!(
        "cargo::rustc-env=ANYRT_CONFORMANCE_BUILT_WITH={}",
        versions.join(", ")
    );
}

/// `name version`, as the lock file has it.
fn locked(lock: &str, name: &str) -> Option<String> {
    let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    let (version, _) = after.split_once('"')?;
    Some(format!("{name} {version}"))
}
