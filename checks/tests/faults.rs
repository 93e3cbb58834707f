//! The faults that are planted by `checks/faults/run` still apply to the sources, and name backends and rules that exist.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyrt_checks::workspace;
use anyrt_conformance::{Suite, backends, specifications};

/// The words of one line of a patch's head.
fn head(patch: &str, name: &str) -> String {
    let mut lines = patch.lines().take_while(|line| !line.is_empty());
    let line = lines.find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no line {name:?} in\n{patch}"))
        .trim()
        .to_owned()
}

fn patches() -> Vec<(PathBuf, String)> {
    let files = workspace::files("checks/faults", "patch");
    let faults = files.into_iter().filter(|it| !it.ends_with("switch.patch"));
    faults
        .map(|it| (it.clone(), workspace::read(&it)))
        .collect()
}

#[test]
fn every_fault_applies() {
    for path in workspace::files("checks/faults", "patch") {
        let mut git = Command::new("git");
        git.args(["apply", "--check", "-C1"])
            .arg(&path)
            .current_dir(workspace::root());
        let checked = git.output().expect("git runs");
        assert!(
            checked.status.success(),
            "{}: plant it anew: {}",
            workspace::relative(&path),
            String::from_utf8_lossy(&checked.stderr)
        );
    }
}

#[test]
fn every_fault_names_what_exists() {
    let rules: BTreeSet<String> = Suite::new(specifications(), [])
        .rules()
        .iter()
        .map(|rule| rule.id().to_string())
        .collect();
    let backends: BTreeSet<String> = backends::all()
        .iter()
        .map(|backend| backend.key().to_owned())
        .collect();
    let patches = patches();
    assert!(patches.len() > 50, "{} faults", patches.len());
    for (path, patch) in patches {
        let file = workspace::relative(&path);
        assert!(!head(&patch, "What:").is_empty(), "{file}: what is broken?");
        for backend in head(&patch, "On:").split(' ') {
            assert!(
                backends.contains(backend),
                "{file}: there is no backend {backend}"
            );
        }
        let red = head(&patch, "Red:");
        // One that no rule sees says why.
        if red.starts_with("none") {
            assert!(red.len() > 20, "{file}: why is it seen by no rule?");
            continue;
        }
        for rule in red.split(' ') {
            assert!(rules.contains(rule), "{file}: there is no rule {rule}");
        }
    }
}

#[test]
fn the_page_lists_every_fault() {
    let mut page = String::from(HEAD);
    for (path, patch) in patches() {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let file = patch
            .lines()
            .find_map(|line| line.strip_prefix("+++ b/"))
            .expect("a file");
        let red = head(&patch, "Red:");
        let red = if red.starts_with("none") {
            red
        } else {
            let rules = red.split(' ').map(|rule| format!("`{rule}`"));
            rules.collect::<Vec<_>>().join(", ")
        };
        let (what, on) = (head(&patch, "What:"), head(&patch, "On:"));
        page += &format!("| `{name}` | {what} | `{file}` | {on} | {red} |\n");
    }
    workspace::assert_fresh("checks/faults/README.md", &page);
}

const HEAD: &str = "# Planted faults

Each patch of this folder breaks one thing in the real code, behind a switch. `checks/faults/run` plants them all in a copy of the
tree, builds the suite once, and fails unless the rules below are red. It takes some five minutes and runs beside CI; that the
patches still apply, and that this page is fresh, is checked in CI (`checks/tests/faults.rs`; `ANYRT_BLESS=1` writes the page).

A mutant breaks a backend from outside, and so shows that a rule *can* fail. A fault here shows that the rule notices our own code
failing. *none* says why no rule sees a fault.

To add one: break the code, take the `git diff -U1`, put `anyrt_core::fault(\"its_name\")` around what is broken, and write the three
lines of the head: `What:`, `On:` (backends) and `Red:` (rules).

| fault | what is broken | where | on | red |
| --- | --- | --- | --- | --- |
";
