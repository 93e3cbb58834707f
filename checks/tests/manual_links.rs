//! What the manual points at exists: rules, files of the repository, items of the other crates; and it leaves no item of core out.

use std::collections::BTreeSet;

use anyrt_checks::workspace;
use anyrt_conformance::{Rule, Suite, specifications};

const PAGES: &str = "anyrt/src/manual";

/// The crates that the manual links to from afar, and their folders.
const CRATES: [(&str, &str); 7] = [
    ("anyrt", "anyrt/macros"),
    ("anyrt-async-std", "adapter-async-std"),
    // It exports what the engine has.
    ("anyrt-conformance", "conformance"),
    ("anyrt-conformance", "conformance/engine"),
    ("anyrt-net", "net"),
    ("anyrt-sim", "adapter-sim"),
    ("anyrt-structured", "structured"),
];

fn rules() -> Vec<Rule> {
    Suite::new(specifications(), []).rules()
}

#[test]
fn rules_that_are_named_exist() {
    let ids: BTreeSet<_> = rules().iter().map(Rule::id).collect();
    let families: BTreeSet<_> = rules().iter().map(|rule| rule.family).collect();
    let mut named = 0;
    for (page, text) in pages() {
        for quoted in text.split('`').skip(1).step_by(2) {
            let family = quoted.split_once("::").map(|(family, _)| family);
            if family.is_some_and(|family| families.contains(family)) && !quoted.ends_with("::*") {
                assert!(ids.contains(quoted), "{page}: there is no rule {quoted}");
                named += 1;
            }
        }
    }
    assert!(named > 20, "only {named} rules were found");
}

#[test]
fn every_family_of_rules_has_its_line() {
    let meaning = workspace::read(format!("{PAGES}/meaning.md"));
    for family in rules().iter().map(|rule| rule.family) {
        let is_told = meaning.contains(&format!("`{family}`"));
        assert!(is_told, "meaning.md leaves out the family {family}");
    }
}

/// The project has no public address yet, so the manual names files of the repository by their paths.
#[test]
fn files_of_the_repository_that_are_named_exist() {
    let mut named = 0;
    for (page, text) in pages() {
        assert!(
            !text.contains("https://github.com/anyrt"),
            "{page} links to an address that does not exist"
        );
        for quoted in text.split('`').skip(1).step_by(2) {
            if ["docs/", "conformance/"]
                .iter()
                .any(|folder| quoted.starts_with(folder))
            {
                assert!(
                    workspace::root().join(quoted).exists(),
                    "{page}: {quoted} does not exist"
                );
                named += 1;
            }
        }
    }
    assert!(named > 3, "only {named} files were found");
}

#[test]
fn items_of_other_crates_that_are_linked_exist() {
    for (page, url) in urls("https://docs.rs/") {
        let parts: Vec<_> = url
            .trim_start_matches("https://docs.rs/")
            .split('/')
            .collect();
        let [krate, "latest", module, file] = parts[..] else {
            panic!("{page}: {url} has another shape");
        };
        assert_eq!(krate.replace('-', "_"), module, "{page}: {url}");
        let folders = CRATES.iter().filter(|(name, _)| *name == krate);
        let folders: Vec<_> = folders.map(|(_, folder)| *folder).collect();
        assert!(!folders.is_empty(), "{page}: {url} is of no crate of ours");
        let item = file.trim_end_matches(".html");
        if item == "index" {
            continue;
        }
        let (kind, name) = item.split_once('.').expect("a kind and a name");
        let start = match kind {
            "attr" => format!("pub fn {name}("),
            "fn" => format!("pub fn {name}"),
            "macro" => format!("macro_rules! {name} "),
            kind => format!("pub {kind} {name}"),
        };
        let files = folders.iter();
        let is_there = files
            .flat_map(|folder| workspace::files(format!("{folder}/src"), "rs"))
            .any(|path| {
                std::fs::read_to_string(path)
                    .expect("listed")
                    .contains(&start)
            });
        assert!(is_there, "{page}: {krate} has no `{start}`");
    }
}

#[test]
fn every_item_of_core_is_linked() {
    let all: String = pages().into_iter().map(|(_, text)| text).collect();
    let lib = workspace::read("core/src/lib.rs");
    // A long list of exports goes over several lines.
    let exports = lib.split("pub use ").skip(1);
    let names = exports.flat_map(|export| {
        let export = export.split(';').next().unwrap_or_default();
        let list = export.rsplit("::").next().unwrap_or_default();
        let names = list.trim_matches(['{', '}']).split(',').map(str::trim);
        names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let names: Vec<_> = names.collect();
    assert!(
        names.len() > 25,
        "the exports of core are written otherwise now"
    );
    for name in names {
        let is_linked = [")", "::"]
            .iter()
            .any(|end| all.contains(&format!("(crate::{name}{end}")));
        assert!(is_linked, "no page links to `{name}`");
    }
}

fn pages() -> Vec<(String, String)> {
    let files = workspace::files(PAGES, "md").into_iter();
    files
        .map(|path| {
            (
                workspace::relative(&path),
                std::fs::read_to_string(&path).expect("listed"),
            )
        })
        .collect()
}

fn urls(start: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (page, text) in pages() {
        for (at, _) in text.match_indices(start) {
            let rest = &text[at..];
            let end = rest.find([')', '>', ' ', '\n', '`']).unwrap_or(rest.len());
            found.push((page.clone(), rest[..end].to_owned()));
        }
    }
    assert!(!found.is_empty(), "the manual links to nothing at {start}");
    found
}
