//! Documentation names rules by their ids; each of them exists.

use std::collections::BTreeSet;

use anyrt_checks::workspace;
use anyrt_conformance::{Rule, Suite, specifications};

/// The crates whose documentation names rules.
const FOLDERS: [&str; 10] = [
    "core",
    "adapter-shared",
    "adapter-tokio",
    "adapter-smol",
    "adapter-async-std",
    "adapter-sim",
    "structured",
    "net",
    "net/socket",
    "anyrt",
];

/// Items of foreign crates whose name is that of a family.
const FOREIGN: [&str; 1] = ["blocking::unblock"];

/// The documentation of `anyrt-net` and of `anyrt-structured` names each rule of its specification.
#[test]
fn every_rule_that_documentation_names_exists() {
    let all = Suite::new(specifications(), []).rules();
    let ids: BTreeSet<_> = all.iter().map(Rule::id).collect();
    let families: BTreeSet<_> = all.iter().map(|rule| rule.family).collect();
    let mut named = BTreeSet::new();
    for path in FOLDERS
        .map(|folder| workspace::files(format!("{folder}/src"), "rs"))
        .concat()
    {
        let text = workspace::read(&path);
        let docs = text
            .lines()
            .filter(|line| line.trim_start().starts_with("//"));
        for line in docs {
            for quoted in line.split('`').skip(1).step_by(2) {
                let family = quoted.split_once("::").map(|(family, _)| family);
                let is_foreign = FOREIGN.contains(&quoted);
                if !is_foreign && family.is_some_and(|family| families.contains(family)) {
                    let file = workspace::relative(&path);
                    assert!(ids.contains(quoted), "{file}: there is no rule {quoted}");
                    named.insert(quoted.to_owned());
                }
            }
        }
    }
    let others = specifications().into_iter().filter(|it| it.name != "core");
    let left_out: Vec<_> = others
        .flat_map(|it| it.rules)
        .map(|it| it.id())
        .filter(|id| !named.contains(id))
        .collect();
    assert!(left_out.is_empty(), "no documentation names {left_out:?}");
}
