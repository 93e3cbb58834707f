//! A crate outside this workspace that depends on crates of it, as a user's does.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::{env, fs};

use anyrt_checks::workspace;

/// A crate of its own, with a workspace and a lock file of its own.
pub(crate) struct Consumer {
    pub(crate) folder: PathBuf,
}

/// What cargo said and how it ended.
pub(crate) struct Said {
    pub(crate) succeeded: bool,
    pub(crate) text: String,
}

impl Consumer {
    /// Writes a crate that depends on `crates` of this workspace, each with its folder and features, and has no code yet.
    pub(crate) fn new(name: &str, crates: &[(&str, &str, &[&str])]) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("consumers")
            .join(name);
        // What an earlier run left there.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/bin")).expect("cargo gives tests a folder to write to");

        let mut manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n[dependencies]\n"
        );
        for (krate, path, features) in crates {
            let path = workspace::root().join(path);
            manifest += &format!("{krate} = {{ path = {path:?}, features = {features:?} }}\n");
        }
        let consumer = Self { folder };
        consumer.write("Cargo.toml", &manifest);
        consumer.write("src/lib.rs", "");
        // The versions that the workspace was built with are those that are there without a network.
        consumer.write("Cargo.lock", &workspace::read("Cargo.lock"));
        consumer
    }

    /// Writes a file of the crate.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Runs cargo in the crate, without a network, with `environment` set.
    pub(crate) fn cargo(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let target = self.folder.with_file_name("target");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(cargo)
            .args(arguments)
            .arg("--offline")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("ANYRT_RUNTIME")
            // Warnings are for the workspace's code; cases here are as short as they can be.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .envs(environment.iter().copied())
            .output()
            .expect("cargo, which runs this test, can be started");
        Said {
            succeeded: status.success(),
            text: String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned(),
        }
    }
}
