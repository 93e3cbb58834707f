//! Copies the sources that are modelled, with shuttle in the place of std's threads and locks.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where a module is copied from, and its name in the models.
const MODULES: [(&str, &str); 8] = [
    ("structured/src/sync.rs", "sync"),
    ("structured/src/slab.rs", "slab"),
    ("structured/src/wait_queue.rs", "wait_queue"),
    ("structured/src/semaphore", "semaphore"),
    ("structured/src/token", "token"),
    ("net/src/wait", "wait"),
    ("adapter-shared/src/closures.rs", "closures"),
    ("adapter-shared/src/desk.rs", "desk"),
];

/// What of a scope is between threads: what its future shares with those who spawn.
const SCOPE: [(&str, &str); 2] = [
    ("structured/src/scope/core.rs", "core"),
    ("structured/src/scope/future.rs", "future"),
];

/// What the set of tasks needs of its group.
const GROUP: [(&str, &str); 2] = [
    ("structured/src/group/set", "set"),
    ("structured/src/group/task_id.rs", "task_id"),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut modules = String::new();
    for (from, name) in MODULES.into_iter().chain(GROUP) {
        let source = root.join(from);
        println!("cargo::rerun-if-changed={}", source.display());
        let target = copy(&source, &out.join(name));
        modules += &format!(
            "#[allow(dead_code, missing_docs, unreachable_pub, unused_imports, reason = \"a part of a crate\")]\n\
             #[path = {target:?}]\nmod {name};\n"
        );
    }
    // The scope's own entrance needs a runtime; the models' is in its place.
    let entrance = root.join("checks/models/src/scope.rs");
    println!("cargo::rerun-if-changed={}", entrance.display());
    fs::create_dir_all(out.join("scope")).expect("cargo gives a folder to write to");
    let mut scope = fs::read_to_string(entrance).expect("a source of the workspace");
    for (from, name) in SCOPE {
        let source = root.join(from);
        println!("cargo::rerun-if-changed={}", source.display());
        let target = copy(&source, &out.join("scope").join(name));
        scope += &format!("#[path = {target:?}]\nmod {name};\n");
    }
    fs::write(out.join("scope.rs"), scope).expect("cargo gives a folder to write to");
    modules += &format!(
        "#[allow(dead_code, missing_docs, unreachable_pub, unused_imports, reason = \"a part of a crate\")]\n\
         #[path = {:?}]\nmod scope;\n",
        out.join("scope.rs")
    );
    fs::write(out.join("modules.rs"), modules).expect("cargo gives a folder to write to");
}

/// Copies a file or a folder, and returns the path of the module's first file.
fn copy(source: &Path, target: &Path) -> PathBuf {
    if source.is_dir() {
        fs::create_dir_all(target).expect("cargo gives a folder to write to");
        for entry in fs::read_dir(source).expect("it is a folder").flatten() {
            let name = entry.file_name();
            let name = Path::new(&name).with_extension("");
            copy(&entry.path(), &target.join(name));
        }
        return target.join("mod.rs");
    }
    let text = fs::read_to_string(source).expect("a source of the workspace");
    // The tests of the sources are run where they are.
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let text = text
        .replace("std::sync", "shuttle::sync")
        .replace("use std::thread", "use shuttle::thread");
    let file = target.with_extension("rs");
    fs::write(&file, text).expect("cargo gives a folder to write to");
    file
}
