//! The four mains, run as a user runs them.

mod common;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::common::tree::Tree;
use crate::common::watched;

/// Each main, and the value of `ANYRT_RUNTIME` for it.
const MAINS: [(&str, &str); 6] = [
    (env!("CARGO_BIN_EXE_tokio"), ""),
    (env!("CARGO_BIN_EXE_smol"), ""),
    (env!("CARGO_BIN_EXE_async_std"), ""),
    (env!("CARGO_BIN_EXE_any"), "tokio"),
    (env!("CARGO_BIN_EXE_any"), "smol"),
    (env!("CARGO_BIN_EXE_any"), "async-std"),
];

#[test]
fn all_print_the_same_digests() {
    watched(|| {
        let tree = Tree::sample();
        for main in MAINS {
            let output = run(main, &["--list"], tree.path());
            assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{main:?}");
            assert_eq!(output.status.code(), Some(0), "{main:?}");
            let lines = String::from_utf8(output.stdout).unwrap();
            let lines: Vec<_> = lines.lines().collect();
            assert_eq!(lines.len(), Tree::SAMPLE_FILES + 1, "{main:?}");
            assert_eq!(
                lines[2],
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc"
            );
            assert_eq!(
                lines[Tree::SAMPLE_FILES],
                format!(
                    "{} files, {} bytes, root {}",
                    Tree::SAMPLE_FILES,
                    Tree::SAMPLE_BYTES,
                    Tree::SAMPLE_DIGEST
                )
            );
        }
    });
}

#[test]
fn bad_input_is_explained() {
    watched(|| {
        let tree = Tree::of_empty_files(["file"]);
        for main in MAINS {
            for (args, problem) in [
                (&["--lisp"][..], "error: unknown option `--lisp`\n"),
                (
                    &["--limit", "soon"],
                    "error: `--limit` wants a number of seconds",
                ),
                (&["other"], "error: more than one folder\n"),
            ] {
                assert_bad(&run(main, args, tree.path()), problem);
            }
            for (root, problem) in [("missing", "No such file"), ("file", "Not a directory")] {
                let root = tree.path().join(root);
                let problem = format!("error: cannot hash {}: {problem}", root.display());
                assert_bad(&run(main, &[], &root), &problem);
            }
        }
    });
}

#[test]
fn a_limit_prints_what_was_done() {
    watched(|| {
        let tree = with_endless_file();
        let (mut mains, mut limit) = (MAINS.to_vec(), 1.5);
        while !mains.is_empty() {
            let start = |main| {
                let child = command(main, &["--limit", &limit.to_string()], tree.path()).spawn();
                (main, child.unwrap())
            };
            let children: Vec<_> = mains.drain(..).map(start).collect();
            for (main, child) in children {
                let output = child.wait_with_output().unwrap();
                assert_eq!(output.status.code(), Some(1), "{main:?}");
                // On a busy machine the limit may be over before the small file is done: then a longer one has to do.
                if output.stdout.starts_with(b"0 of ") {
                    mains.push(main);
                } else {
                    assert_stopped(&output.stdout);
                }
            }
            limit *= 4.0;
        }
    });
}

/// Needs the command `kill`, which every Unix has.
#[cfg(unix)]
#[test]
fn ctrl_c_prints_what_was_done() {
    watched(|| {
        let tree = with_endless_file();
        for main in MAINS {
            let mut child = command(main, &["--progress"], tree.path()).spawn().unwrap();
            // Once the small file is done, and so the handler in place.
            wait_for_progress(&mut child, "1 of 2 files");
            let pid = child.id().to_string();
            let killed = Command::new("kill").args(["-INT", &pid]).status().unwrap();
            assert!(killed.success());
            let mut stdout = Vec::new();
            child
                .stdout
                .take()
                .unwrap()
                .read_to_end(&mut stdout)
                .unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(1), "{main:?}");
            assert_stopped(&stdout);
        }
    });
}

#[test]
fn the_facade_does_not_choose_between_several() {
    watched(|| {
        let tree = Tree::sample();
        let output = run((env!("CARGO_BIN_EXE_any"), ""), &[], tree.path());
        assert_bad(&output, "error: several runtimes are compiled in");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
        for part in ["tokio", "smol", "async-std", "ANYRT_RUNTIME"] {
            assert!(message.contains(part), "{message}");
        }
    });
}

fn command((main, runtime): (&str, &str), args: &[&str], root: &Path) -> Command {
    let mut command = Command::new(main);
    command
        .env("ANYRT_RUNTIME", runtime)
        .args(args)
        .arg(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(main: (&str, &str), args: &[&str], root: &Path) -> Output {
    command(main, args, root).output().unwrap()
}

/// A small file, and one that takes hours but no room on the disk.
fn with_endless_file() -> Tree {
    let tree = Tree::new([("small", &b"abc"[..])]);
    let endless = File::create(tree.path().join("endless")).unwrap();
    endless.set_len(1 << 42).unwrap();
    tree
}

fn wait_for_progress(child: &mut Child, line: &str) {
    let stderr = BufReader::new(child.stderr.as_mut().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    assert!(lines.any(|text| text.starts_with(line)));
}

fn assert_stopped(stdout: &[u8]) {
    let stdout = String::from_utf8_lossy(stdout);
    assert_eq!(stdout, "1 of 2 files, 3 bytes, stopped: no root digest\n");
}

fn assert_bad(output: &Output, problem: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with(problem), "{stderr}");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
}
