//! The program, run as a user runs it.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;

use crate::common::tree::Tree;
use crate::common::watched;

#[test]
fn a_file_arrives_with_a_bar() {
    watched(|| {
        let folder = Tree::of_empty_files([]);
        let file = folder.path().join("file");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let serving = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // The request fits into one packet.
            let _ = stream.read(&mut [0; 512]).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmoin";
            stream.write_all(answer).unwrap();
        });
        let output = run(&[&url, file.to_str().unwrap()]);
        serving.join().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.contains("##] 100 % "), "{told}");
        assert_eq!(fs::read(&file).unwrap(), b"moin");
    });
}

#[test]
fn what_does_not_work_is_explained() {
    watched(|| {
        let folder = Tree::of_empty_files([]);
        let file = folder.path().join("file");
        let output = run(&["https://localhost/", file.to_str().unwrap()]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("futures-rustls"), "{told}");
        assert_eq!(run(&[]).status.code(), Some(2));
    });
}

fn run(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_download"));
    program.args(arguments).output().unwrap()
}
