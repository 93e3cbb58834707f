//! A download with live progress, on every runtime: with several threads, with one, local and erased.

mod common;

use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use anyrt_core::{Config, Flavor, Launch, Timer};
use anyrt_examples::download::{Progress, download};
use anyrt_net::{AnyNet, Resolve, Tcp};

use crate::common::watched;

/// Answers one request on a plain thread, and returns the address to ask.
fn server(answer: impl FnOnce(&mut TcpStream) -> io::Result<()> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend_from_slice(&byte);
        }
        let request = String::from_utf8(request).unwrap();
        assert!(request.starts_with("GET /file HTTP/1.1\r\n"), "{request}");
        assert!(request.contains(&format!("\r\nHost: {addr}\r\n")));
        // A client that has gone is its own business.
        answer(&mut stream).ok();
    });
    addr
}

/// An address at which nobody listens. The connection keeps its port: of a port that is free, another test may make its own.
fn port_without_listener() -> (TcpStream, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let _client = TcpStream::connect(addr).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    (accepted, addr)
}

async fn get<R>(rt: &R, addr: SocketAddr) -> io::Result<(Vec<u8>, Progress)>
where
    R: Tcp + Resolve + Timer + Clone,
{
    let mut file = Vec::new();
    let done = download(rt, &format!("http://{addr}/file"), &mut file, drop).await?;
    Ok((file, done))
}

/// The second half comes only after the progress was told between the two: it is live, or this hangs.
async fn progress_is_told_while_the_server_is_silent<R>(rt: R)
where
    R: Tcp + Resolve + Timer + Clone,
{
    let half = vec![b'x'; 100_000];
    let (told, wait) = mpsc::channel();
    let sent = half.clone();
    let addr = server(move |stream| {
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n")?;
        stream.write_all(&sent)?;
        wait.recv().map_err(io::Error::other)?;
        stream.write_all(&sent)
    });
    let mut file = Vec::new();
    let url = format!("http://{addr}/file");
    let mut steps = Vec::new();
    let progress = |progress: Progress| {
        steps.push(progress.received);
        if progress.received == 100_000 {
            assert_eq!(progress.total, Some(200_000));
            told.send(()).ok();
        }
    };
    let done = download(&rt, &url, &mut file, progress).await.unwrap();
    assert_eq!((done.received, done.total), (200_000, Some(200_000)));
    assert_eq!(file, [half.clone(), half].concat());
    assert!(steps.is_sorted());
}

async fn every_framing_is_understood<R>(rt: R)
where
    R: Tcp + Resolve + Timer + Clone,
{
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmoin",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nm\r\n3\r\noin\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nmoin",
    ] {
        // In small pieces, so that no part of it comes at once.
        let addr = server(move |stream| {
            stream.set_nodelay(true)?;
            answer
                .as_bytes()
                .chunks(3)
                .try_for_each(|part| stream.write_all(part))
        });
        let (file, done) = get(&rt, addr).await.unwrap();
        assert_eq!((&file[..], done.received), (&b"moin"[..], 4), "{answer}");
    }
    let addr = server(|stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(get(&rt, addr).await.unwrap().0, b"");
}

async fn failures_are_told<R>(rt: R)
where
    R: Tcp + Resolve + Timer + Clone,
{
    for (answer, kind, message) in [
        (
            "HTTP/1.1 404 Not Found\r\n\r\n",
            ErrorKind::Other,
            "404 Not Found",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nmoin",
            ErrorKind::UnexpectedEof,
            "before the file was whole",
        ),
        ("SSH-2.0-OpenSSH\r\n\r\n", ErrorKind::InvalidData, "HTTP"),
    ] {
        let error = get(
            &rt,
            server(move |stream| stream.write_all(answer.as_bytes())),
        )
        .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
    let (_open, unused) = port_without_listener();
    let error = get(&rt, unused).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

fn on<L: Launch, F: Future<Output = ()>>(
    config: Config,
    case: impl FnOnce(L::Handle) -> F + Send + 'static,
) {
    watched(|| {
        let owner = L::launch(config).expect("the options are the backend's");
        owner.block_on(case(owner.handle()));
    });
}

fn current_thread() -> Config {
    Config::new().flavor(Flavor::CurrentThread)
}

macro_rules! runtimes {
    ($($name:ident: $owner:ty, $config:expr, $cast:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn progress_is_told_while_the_server_is_silent() {
                on::<$owner, _>($config, |rt| super::progress_is_told_while_the_server_is_silent($cast(rt)));
            }

            #[test]
            fn every_framing_is_understood() {
                on::<$owner, _>($config, |rt| super::every_framing_is_understood($cast(rt)));
            }

            #[test]
            fn failures_are_told() {
                on::<$owner, _>($config, |rt| super::failures_are_told($cast(rt)));
            }
        }
    )*};
}

fn itself<R>(rt: R) -> R {
    rt
}

runtimes! {
    tokio: anyrt_tokio::Owned, Config::new().worker_threads(2), itself;
    tokio_current_thread: anyrt_tokio::Owned, current_thread(), itself;
    tokio_local: anyrt_tokio::Local, Config::new(), itself;
    smol: anyrt_smol::Global, Config::new(), itself;
    smol_owned: anyrt_smol::Owned, Config::new().worker_threads(1), itself;
    smol_local: anyrt_smol::Local, Config::new(), itself;
    async_std: anyrt_async_std::Global, Config::new(), itself;
    async_std_local: anyrt_async_std::Local, Config::new(), itself;
    erased: anyrt_tokio::Owned, current_thread(), AnyNet::new;
}
