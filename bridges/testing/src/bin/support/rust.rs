//! Which Rust each bridge needs: what its manifest says, beside what its library and the rest of its tree say.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The library of a bridge, where it has another name. One that is not in the tree has none to speak of.
const LIBRARIES: [(&str, &str); 7] = [
    ("aws", "aws-smithy-async"),
    ("futures", "futures-task"),
    ("hickory", "hickory-net"),
    ("openraft", "openraft-rt"),
    ("opentelemetry", "opentelemetry_sdk"),
    ("tokio-io", "tokio"),
    ("tor", "tor-rtcompat"),
];

/// Bridges that need a newer Rust than any manifest of their tree says. Each manifest has the reason.
const UNSTATED: [&str; 1] = ["openraft"];

/// A version of Rust.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rust(u32, u32);

impl Rust {
    fn of(package: &Value) -> Option<Self> {
        let mut numbers = package["rust_version"].as_str()?.split('.');
        let mut next = || numbers.next()?.parse().ok();
        Some(Self(next()?, next()?))
    }
}

impl fmt::Display for Rust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The table. Fails if a bridge's manifest says less than its tree asks for, or more.
pub(crate) fn table(root: &Path, bridges: &[&str]) -> io::Result<String> {
    let metadata = ["metadata", "--format-version", "1", "--all-features"];
    let metadata: Value = serde_json::from_str(&cargo(root, &metadata)?)?;
    let packages = metadata["packages"].as_array().expect("an array");
    // Of each `NAME VERSION`.
    let rust: BTreeMap<String, Option<Rust>> = packages
        .iter()
        .map(|package| {
            let text = |key: &str| package[key].as_str().unwrap_or_default();
            (
                format!("{} {}", text("name"), text("version")),
                Rust::of(package),
            )
        })
        .collect();
    let mut table = String::from(
        "\n# Which Rust each needs\n\n\
         A bridge asks for no newer Rust than its library and this project's own crates (`anyrt-core`) do.\n\n\
         | bridge | asks for | its library says | the newest in its tree |\n| --- | --- | --- | --- |\n",
    );
    let mut wrong = Vec::new();
    for bridge in bridges {
        let name = format!("anyrt-{bridge}");
        let renamed = LIBRARIES.iter().find(|(of, _)| of == bridge);
        let library = renamed.map_or(*bridge, |(_, library)| library);
        let arguments = ["--edges", "normal", "--prefix", "none", "--format", "{p}"];
        let tree = cargo(
            root,
            &[
                &["tree", "--package", &name, "--all-features"],
                &arguments[..],
            ]
            .concat(),
        )?;
        // `NAME vVERSION`, and more for those of this workspace.
        let tree: Vec<(&str, Option<Rust>)> = tree
            .lines()
            .filter_map(|line| line.split_once(" v"))
            .map(|(name, version)| {
                let version = version.split(' ').next().unwrap_or_default();
                let known = rust.get(&format!("{name} {version}"));
                (name, known.copied().flatten())
            })
            .collect();
        let of = |wanted: &str| tree.iter().find(|(name, _)| *name == wanted);
        let asked = of(&name).and_then(|(_, rust)| *rust).expect("it says so");
        let others = tree.iter().filter(|(other, _)| *other != name);
        let newest = others.clone().filter_map(|(_, rust)| *rust).max();
        let newest = newest.expect("anyrt-core says so");
        // Those of this project, whose Rust is the least of all, come first among equals.
        let mut whose = others.filter(|(_, rust)| *rust == Some(newest));
        let ours = whose.clone().find(|(name, _)| name.starts_with("anyrt-"));
        let whose = ours.or_else(|| whose.next()).map_or("", |(name, _)| name);
        if asked != newest && !UNSTATED.contains(bridge) {
            wrong.push(format!("{name} asks for {asked}, and {whose} for {newest}"));
        }
        let says = match of(library) {
            Some((_, Some(rust))) => format!("{library}: {rust}"),
            Some((_, None)) => format!("{library}: nothing"),
            None => "".to_owned(),
        };
        let row = format!("| `{name}` | {asked} | {says} | {whose}: {newest} |");
        let _ = writeln!(table, "{}", row.replace("|  |", "| |"));
    }
    if wrong.is_empty() {
        Ok(table)
    } else {
        Err(io::Error::other(wrong.join("; ")))
    }
}

/// What cargo prints.
fn cargo(root: &Path, arguments: &[&str]) -> io::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{arguments:?}: {error}")));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}
