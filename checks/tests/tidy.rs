//! What keeps the tree in order, as tests: each names the file at fault and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyrt_checks::{lockstep, workspace};

/// The sibling adapters: their folder and the name of their handle.
const ADAPTERS: [(&str, &str); 3] = [
    ("adapter-tokio", "Tokio"),
    ("adapter-smol", "Smol"),
    ("adapter-async-std", "AsyncStd"),
];

fn texts() -> Vec<(String, String)> {
    ["rs", "md", "toml"]
        .into_iter()
        .flat_map(|extension| workspace::files(".", extension))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("listed just now");
            (workspace::relative(&path).replace("./", ""), text)
        })
        .collect()
}

/// What does not belong into the tree, spelt so that this list does not find itself.
#[test]
fn nothing_unfinished_or_local_is_left_behind() {
    let marks: Vec<String> = [
        ("to", "do!("),
        ("unimple", "mented!("),
        ("db", "g!("),
        ("#[ign", "ore"),
        ("TO", "DO"),
        ("FIX", "ME"),
        ("XX", "X"),
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("crates-io", ".proxy"),
    ]
    .iter()
    .map(|(head, tail)| format!("{head}{tail}"))
    .collect();
    for (name, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            // Documentation may speak of attributes and macros.
            let is_prose = name.ends_with(".md") || line.trim_start().starts_with("//");
            for mark in &marks {
                let is_code = mark.contains('[') || mark.contains('!');
                let is_left = line.contains(mark.as_str()) && !(is_code && is_prose);
                assert!(
                    !is_left,
                    "{name}:{}: `{mark}` is left in: {line}",
                    number + 1
                );
            }
        }
    }
}

/// What siblings both have stands in a file of the same name.
#[test]
fn what_sibling_adapters_share_stands_in_the_same_files() {
    let homes = ADAPTERS.map(|(folder, handle)| {
        let files = lockstep::file_names(&Path::new(folder).join("src"));
        let marks = files.into_iter().flat_map(|file| {
            let path = Path::new(folder).join("src").join(&file);
            let marks = lockstep::landmarks(&workspace::read(path), handle);
            marks.into_iter().map(move |mark| (mark, file.clone()))
        });
        (folder, marks.collect::<BTreeSet<_>>())
    });
    let mut shared = 0;
    for (index, (folder, ours)) in homes.iter().enumerate() {
        for (other, theirs) in &homes[index + 1..] {
            for (mark, file) in ours {
                let mut elsewhere = theirs.iter().filter(|(their, _)| their == mark).peekable();
                if elsewhere.peek().is_some() {
                    shared += 1;
                    assert!(
                        elsewhere.any(|(_, their)| their == file),
                        "`{mark}` stands in {folder}/src/{file}, and in {other} in another file"
                    );
                }
            }
        }
    }
    assert!(shared > 20, "only {shared} landmarks are shared");
}

/// What siblings both have comes in the same order, so that a diff of two adapters shows real differences.
#[test]
fn sibling_adapters_have_the_same_items_in_the_same_order() {
    for (index, (first, first_handle)) in ADAPTERS.iter().enumerate() {
        for (other, handle) in &ADAPTERS[index + 1..] {
            for file in lockstep::file_names(&Path::new(first).join("src")) {
                let of = |folder: &str, handle: &str| {
                    let path = Path::new(folder).join("src").join(&file);
                    let is_there = workspace::root().join(&path).exists();
                    is_there.then(|| lockstep::landmarks(&workspace::read(&path), handle))
                };
                let (Some(ours), Some(theirs)) = (of(first, first_handle), of(other, handle))
                else {
                    continue;
                };
                let common = |side: &[String], other: &[String]| -> Vec<String> {
                    let shared = side.iter().filter(|mark| other.contains(mark));
                    shared.cloned().collect()
                };
                assert_eq!(
                    common(&theirs, &ours),
                    common(&ours, &theirs),
                    "{other}/src/{file} and {first}/src/{file} order their items differently"
                );
            }
        }
    }
}

#[test]
fn every_folder_with_a_manifest_is_a_member_or_a_workspace() {
    let members: BTreeSet<_> = workspace::members().into_iter().collect();
    for manifest in workspace::files(".", "toml") {
        let name = workspace::relative(&manifest).replace("./", "");
        if let Some((folder, "Cargo.toml")) = name.rsplit_once('/') {
            // What is built for a board only is a workspace of its own.
            let apart = workspace::read(&name)
                .lines()
                .any(|line| line == "[workspace]");
            assert!(
                members.contains(folder) || apart,
                "{folder} is not a member of the workspace"
            );
        }
    }
}

#[test]
fn the_msrv_is_one_number_everywhere() {
    let number = |manifest: &str| {
        let (_, rest) = manifest.split_once("rust-version = \"")?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let msrv = number(&workspace::read("Cargo.toml")).expect("the root manifest says the MSRV");
    let mut newer = BTreeMap::new();
    for member in workspace::members() {
        // Unpublished, and as new as the libraries that it takes.
        if member == "conformance/libraries" {
            continue;
        }
        let manifest = workspace::read(format!("{member}/Cargo.toml"));
        // A bridge or an adapter is for a foreign crate, which may need a newer compiler. So may what is not published and says so.
        let own = number(&manifest);
        let is_for_a_crate = member.starts_with("bridges/") || member.starts_with("adapter-");
        let is_its_own = own.is_some() && (is_for_a_crate || manifest.contains("publish = false"));
        assert!(
            is_its_own || manifest.contains("rust-version.workspace = true"),
            "{member} does not inherit the MSRV"
        );
        if let (true, Some(own)) = (is_for_a_crate, own) {
            newer.insert(member, own);
        }
    }
    for (name, text) in texts() {
        if !name.ends_with(".md") || name == "CHANGELOG.md" {
            continue;
        }
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let msrv = newer.get(folder).unwrap_or(&msrv);
        for (before, rest) in text
            .match_indices("needs Rust ")
            .map(|(at, found)| text.split_at(at + found.len()))
        {
            assert!(
                rest.starts_with(msrv.as_str()),
                "{name}, line {}: the MSRV is {msrv}",
                before.lines().count()
            );
        }
    }
}

#[test]
fn every_published_crate_has_a_readme_and_both_licences() {
    for member in workspace::members() {
        let manifest = workspace::read(format!("{member}/Cargo.toml"));
        if manifest.contains("publish = false") {
            continue;
        }
        assert!(
            workspace::root().join(&member).join("README.md").exists(),
            "{member} has no README.md"
        );
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let path = format!("{member}/{file}");
            assert!(
                workspace::root().join(&path).exists(),
                "{member} has no {file}"
            );
            assert_eq!(
                workspace::read(&path),
                workspace::read(file),
                "{path} is not the licence's text"
            );
        }
        let lib = workspace::read(format!("{member}/src/lib.rs"));
        assert!(
            lib.contains("include_str!(\"../README.md\")"),
            "{member}'s README is not its front page"
        );
    }
}

/// A path in backticks is a path that exists.
#[test]
fn the_maps_name_only_what_exists() {
    for map in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        for quoted in workspace::read(map).split('`').skip(1).step_by(2) {
            let is_path = quoted.contains('/')
                && quoted
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            if is_path {
                assert!(
                    workspace::root().join(quoted).exists(),
                    "{map} names `{quoted}`, which does not exist"
                );
            }
        }
    }
}

#[test]
fn every_step_of_ci_is_run() {
    let run = workspace::read(".ci/run");
    for entry in std::fs::read_dir(workspace::root().join(".ci/steps")).expect("CI has steps") {
        let name = entry.expect("readable").file_name();
        let name = name.to_string_lossy();
        assert!(
            run.contains(&format!("step {name} .ci/steps/{name}")),
            ".ci/run leaves out {name}"
        );
    }
}

/// A weak feature would put a runtime into the lock file of every user.
#[test]
fn no_manifest_has_a_weak_feature() {
    for (name, text) in texts() {
        if name.ends_with("Cargo.toml") {
            for line in text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'))
            {
                assert!(!line.contains("?/"), "{name} has a weak feature: {line}");
            }
        }
    }
}

#[test]
fn unsafe_is_forbidden_in_every_published_crate() {
    assert!(workspace::read("Cargo.toml").contains("unsafe_code = \"forbid\""));
    for member in workspace::members() {
        let manifest = workspace::read(format!("{member}/Cargo.toml"));
        if !manifest.contains("publish = false") {
            assert!(
                manifest.contains("[lints]\nworkspace = true"),
                "{member} does not inherit the lints"
            );
        }
    }
}
