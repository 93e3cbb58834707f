//! Documentation names rules by their ids: each of them exists, and each rule is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates whose documentation names rules of sockets.
const FOLDERS: [&str; 6] = [
    "net/src",
    "net/socket/src",
    "adapter-shared/src/net",
    "adapter-tokio/src/net",
    "adapter-smol/src/net",
    "adapter-async-std/src/net",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn rules() -> BTreeSet<String> {
    type Rt = anyrt_tokio::Tokio;
    let names = |rules: Vec<anyrt_conformance_net::Rule<_>>| -> Vec<String> {
        rules.iter().map(anyrt_conformance_net::Rule::id).collect()
    };
    use anyrt_conformance_net::rules;
    let mut all = names(rules::shared::<Rt>());
    all.extend(names(rules::system::<Rt>()));
    all.extend(names(rules::signal::<Rt>()));
    #[cfg(unix)]
    all.extend(names(rules::unix::<Rt>()));
    all.into_iter().collect()
}

#[test]
fn every_rule_that_documentation_names_exists_and_every_rule_is_named() {
    let rules = rules();
    assert!(rules.len() >= 90, "{} rules", rules.len());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in FOLDERS {
        sources(&root.join(folder), &mut files);
    }
    let mut named = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        for quoted in text.split('`').filter(|quoted| quoted.starts_with("net::")) {
            if quoted
                .chars()
                .all(|c| c.is_ascii_lowercase() || "_:".contains(c))
            {
                assert!(
                    rules.contains(quoted),
                    "{}: there is no rule {quoted}",
                    file.display()
                );
                named.insert(quoted.to_owned());
            }
        }
    }
    let left_out: Vec<_> = rules.difference(&named).collect();
    assert!(left_out.is_empty(), "no documentation names {left_out:?}");
}

#[test]
fn every_rule_has_a_sentence_an_intent_and_a_hint() {
    for rule in anyrt_conformance_net::rules::shared::<anyrt_tokio::Tokio>() {
        for text in [rule.sentence(), rule.intent(), rule.hint()] {
            assert!(!text.is_empty(), "{}", rule.id());
        }
    }
}
