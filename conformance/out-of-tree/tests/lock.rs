//! What a third party that certifies its runtime gets into its lock file.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// What belongs to runtimes, ours and those under them.
const RUNTIMES: [&str; 9] = [
    "anyrt-tokio",
    "anyrt-smol",
    "anyrt-async-std",
    "tokio",
    "smol",
    "async-std",
    "async-executor",
    "async-io",
    "async-global-executor",
];

#[test]
fn the_lock_file_of_a_third_party_holds_no_runtime() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate is a folder of the suite's, which is one of the workspace's");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("third-party");
    // What an earlier run left there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).expect("cargo gives tests a folder to write to");
    let manifest = format!(
        "[package]\nname = \"third-party\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nanyrt-core = {{ path = {:?} }}\n\n\
         [dev-dependencies]\nanyrt-conformance = {{ path = {:?}, default-features = false }}\n",
        workspace.join("core"),
        workspace.join("conformance"),
    );
    let write = |path, text: &str| fs::write(folder.join(path), text).expect("it can be written");
    write("Cargo.toml", &manifest);
    write("src/lib.rs", "");
    // The versions that the workspace was built with are those that are there without a network.
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).expect("it can be copied");

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["update", "--workspace", "--offline"])
        .current_dir(&folder)
        .output()
        .expect("cargo, which runs this test, can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");

    let lock = fs::read_to_string(folder.join("Cargo.lock")).expect("cargo wrote it");
    let has = |package: &&str| lock.contains(&format!("name = \"{package}\"\n"));
    assert!(
        has(&"anyrt-conformance"),
        "cargo left the suite out: {lock}"
    );
    let runtimes: Vec<_> = RUNTIMES.iter().filter(|it| has(it)).collect();
    assert!(runtimes.is_empty(), "{runtimes:?} in the lock file");
}
