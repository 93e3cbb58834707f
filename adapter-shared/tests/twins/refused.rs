//! What `spawn_blocking` does while the system refuses every thread, as the page of `BlockingTask` says.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyrt_core::prelude::*;

use super::Handle;
use super::common::within;

/// Set for the child process.
const CHILD: &str = "ANYRT_REFUSED_THREADS";

#[test]
fn while_the_system_refuses_the_pools_first_thread_a_submit_does_not_return() {
    if std::env::var_os(CHILD).is_some() {
        println!("\nsubmits");
        drop(Handle::global().spawn_blocking(|| ()));
        println!("\nreturned");
        return;
    }
    within(|| {
        let name =
            "refused::while_the_system_refuses_the_pools_first_thread_a_submit_does_not_return";
        let mut child = Command::new(std::env::current_exe().unwrap())
            // On the main thread, because no other can be had: no address space holds such a stack.
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            .env("RUST_MIN_STACK", (1_u64 << 46).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "submits" {
            line.clear();
            let length = output.read_line(&mut line).unwrap();
            assert!(length > 0, "the child ended without a submit");
        }
        // One-sided: a submit that returns does so long before.
        thread::sleep(Duration::from_millis(300));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.trim(), "", "the deviation is gone: correct the pages");
    });
}
