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

/// The tests that must fail under a fault: a package and a target each.
fn tests(patch: &str) -> Vec<(&str, &str)> {
    let line = patch.lines().take_while(|line| !line.is_empty());
    let tests = line.filter_map(|line| line.strip_prefix("Tests: "));
    tests
        .flat_map(|line| line.split(", "))
        .map(|test| test.split_once(' ').expect("a package and a target"))
        .collect()
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
        for (package, target) in tests(&patch) {
            let folder = package.strip_prefix("anyrt-").expect("one of ours");
            let places = ["", "adapter-", "checks/"].map(|it| {
                let tests = workspace::root().join(format!("{it}{folder}/tests"));
                let files = [format!("{target}.rs"), format!("{target}/main.rs")];
                files.iter().any(|file| tests.join(file).exists())
            });
            assert!(
                places.contains(&true),
                "{file}: {package} has no test {target}"
            );
        }
        let red = head(&patch, "Red:");
        // One that no rule sees says why.
        if red.starts_with("none") {
            assert!(red.len() > 20, "{file}: why is it seen by no rule?");
            assert!(!tests(&patch).is_empty(), "{file}: what does see it?");
            continue;
        }
        for rule in red.split(' ') {
            assert!(rules.contains(rule), "{file}: there is no rule {rule}");
        }
    }
}

#[test]
fn what_was_named_is_planted() {
    let faults: BTreeSet<String> = patches()
        .iter()
        .map(|(path, _)| path.file_stem().expect("a name").to_string_lossy().into())
        .collect();
    let rules: BTreeSet<String> = Suite::new(specifications(), [])
        .rules()
        .iter()
        .map(|rule| rule.id().to_string())
        .collect();
    let page = workspace::read(workspace::root().join("checks/faults/named.md"));
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| --- "))
        .map(|line| line.split(" | ").collect())
        .skip(1)
        .collect();
    assert!(rows.len() > 30, "{} rows", rows.len());
    let codes = |cell: &str| -> Vec<String> {
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted.map(str::to_owned).collect()
    };
    for row in rows {
        for fault in codes(row[1]) {
            assert!(faults.contains(&fault), "there is no fault {fault}");
        }
        for rule in codes(row[2]).iter().filter(|it| it.contains("::")) {
            assert!(rules.contains(rule), "there is no rule {rule}");
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
        let tests = tests(&patch).into_iter();
        let tests = tests.map(|(package, target)| format!("test `{target}` of `{package}`"));
        let red = [red]
            .into_iter()
            .chain(tests)
            .collect::<Vec<_>>()
            .join("; ");
        let (what, on) = (head(&patch, "What:"), head(&patch, "On:"));
        page += &format!("| `{name}` | {what} | `{file}` | {on} | {red} |\n");
    }
    for part in ["named.md", "last-run.md"] {
        page += &workspace::read(workspace::root().join("checks/faults").join(part));
    }
    workspace::assert_fresh("checks/faults/README.md", &page);
}

const HEAD: &str = "# Planted faults

Each patch of this folder breaks one thing in the real code, behind a switch. `checks/faults/run` plants them all in a copy of the
tree, builds the suite once, and fails unless the rules below are red. It takes 20 minutes on an idle machine and 55 on a busy one,
and runs beside CI; that the patches still apply, and that this page is fresh, is checked in CI (`checks/tests/faults.rs`;
`ANYRT_BLESS=1` writes the page).

A mutant breaks a backend from outside, and so shows that a rule *can* fail. A fault here shows that the rule notices our own code
failing. *none* says why no rule sees a fault; a test does then.

To add one: break the code, take the `git diff -U1`, put `anyrt_core::fault(\"its_name\")` around what is broken, and write the head:
`What:`, `On:` (backends), `Red:` (rules), and where a rule cannot see it `Tests:` (a package and a target of its tests). A sentence of
an issue that it stands for is a row in `named.md`.

| fault | what is broken | where | on | red |
| --- | --- | --- | --- | --- |
";
