//! `#[anyrt::main]` hands out sockets on whichever runtime was chosen, each choice in a process of its own.

use std::env;
use std::process::Command;

use anyrt::net::AnyNet;
use anyrt::net::prelude::*;
use anyrt::prelude::*;
use futures::io::{AsyncReadExt, AsyncWriteExt};

const CHILD: &str = "ANYRT_TEST_CHILD";

#[anyrt::main]
async fn echo(rt: AnyNet) -> std::io::Result<()> {
    greet(&rt).await
}

#[anyrt::main(tokio)]
async fn echo_on_tokio(rt: AnyNet) -> std::io::Result<()> {
    greet(&rt).await
}

#[anyrt::test(tokio)]
async fn tests_have_sockets_as_well(rt: AnyNet) -> std::io::Result<()> {
    greet(&rt).await
}

async fn greet(rt: &AnyNet) -> std::io::Result<()> {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into())?;
    let addr = listener.local_addr()?;
    let server = rt.spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(b"moin").await?;
        stream.close().await
    });
    let mut said = String::new();
    let mut stream = rt.tcp_connect(addr).await?;
    stream.read_to_string(&mut said).await?;
    server.await.expect("the server ends")?;
    println!("said {said} on {:?}.", rt.runtime());
    Ok(())
}

/// Does nothing unless a test below starts it.
#[test]
fn child() {
    match env::var(CHILD).as_deref() {
        Ok("echo") => echo().expect("loopback works"),
        Ok("echo_on_tokio") => echo_on_tokio().expect("loopback works"),
        _ => {}
    }
}

/// What the function says when this runtime is chosen.
fn run(function: &str, runtime: &str) -> String {
    let output = Command::new(env::current_exe().expect("a test knows its program"))
        .args(["--exact", "child", "--nocapture"])
        .envs([(CHILD, function), ("ANYRT_RUNTIME", runtime)])
        .output()
        .expect("a test can be started");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_bare_main_has_the_sockets_of_the_chosen_runtime() {
    let text = run("echo", "tokio");
    assert!(
        text.contains("said moin on") && text.contains("Tokio"),
        "{text}"
    );
}

#[test]
fn a_named_main_has_them_as_well() {
    let text = run("echo_on_tokio", "smol");
    assert!(
        text.contains("said moin on") && text.contains("Tokio"),
        "{text}"
    );
}

#[test]
fn a_runtime_without_its_sockets_names_the_feature() {
    let text = run("echo", "smol");
    let expected = match cfg!(feature = "smol-net") {
        true => "said moin on",
        false => "smol was compiled without sockets: turn on anyrt's feature `smol-net`",
    };
    assert!(text.contains(expected), "{text}");
}
