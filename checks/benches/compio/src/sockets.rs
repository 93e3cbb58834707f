//! Sockets of compio, natively and through the layer: by readiness, on std's sockets in its `PollFd`, and by completion, on its own
//! `TcpStream`.
//!
//! compio's own `block_on` drives both sides, and one future polls both ends of a connection.

use std::io;
use std::net::{TcpListener, TcpStream};

use anyrt_benches_kit::probe::Probe;
use anyrt_benches_kit::sockets::{Side, SocketOperation, any, warm_and_measured};
use anyrt_compio::LocalHandle;
use anyrt_compio::net::CompletionStream;
use anyrt_core::Current;
use anyrt_net::{CompletionRead, CompletionWrite, OsNet};
use compio_io::{AsyncReadExt as _, AsyncWriteExt as _};
use compio_runtime::Runtime;
use compio_runtime::fd::PollFd;
use futures::future::join;
use futures::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Echoes, `rounds` times between the beginning and the end that it tells `probe`, by readiness.
///
/// # Panics
///
/// When the operation is no echo, or `side` is the one without types: compio's sockets have no such form.
pub fn by_readiness(side: Side, operation: SocketOperation, rounds: usize, probe: &dyn Probe) {
    let size = match operation {
        SocketOperation::Echo => 1,
        SocketOperation::Echo64k => 64 * 1024,
        other => panic!("{} is not measured on compio", other.name()),
    };
    runtime().block_on(async {
        let (one, other) = pair().expect("connects");
        match side {
            Side::Native => {
                one.set_nonblocking(true).expect("has the mode");
                other.set_nonblocking(true).expect("has the mode");
                let one = PollFd::new(one).expect("registers");
                let other = PollFd::new(other).expect("registers");
                echo(one, other, size, rounds, probe).await;
            }
            Side::Layer => {
                let rt = LocalHandle::current();
                let one = rt.tcp_from_std(one).expect("takes it");
                let other = rt.tcp_from_std(other).expect("takes it");
                echo(one, other, size, rounds, probe).await;
            }
            Side::Any => no_such_form(),
        }
    });
}

/// As [`by_readiness`], one byte, in a buffer that goes to the driver and comes back.
///
/// # Panics
///
/// As there.
pub fn by_completion(side: Side, operation: SocketOperation, rounds: usize, probe: &dyn Probe) {
    assert_eq!(operation, SocketOperation::Echo, "one byte is measured");
    runtime().block_on(async {
        let (one, other) = pair().expect("connects");
        match side {
            Side::Native => {
                let one = compio_net::TcpStream::from_std(one).expect("takes it");
                let other = compio_net::TcpStream::from_std(other).expect("takes it");
                echo_native(one, other, rounds, probe).await;
            }
            Side::Layer => {
                let rt = LocalHandle::current();
                let one = CompletionStream::new(rt.tcp_from_std(one).expect("takes it"));
                let other = CompletionStream::new(rt.tcp_from_std(other).expect("takes it"));
                let (one, other) = (one.expect("it runs"), other.expect("it runs"));
                echo_layer(one, other, rounds, probe).await;
            }
            Side::Any => no_such_form(),
        }
    });
}

fn no_such_form() {
    panic!("compio's sockets stay on their thread, and have no form without types");
}

fn runtime() -> Runtime {
    Runtime::new().expect("the system has a ring or an event queue to give")
}

fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(any())?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    Ok((client, listener.accept()?.0))
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: S,
    mut server: S,
    size: usize,
    rounds: usize,
    probe: &dyn Probe,
) {
    let (mut one, mut other) = (vec![0; size], vec![0; size]);
    for rounds in warm_and_measured(rounds, probe) {
        let asking = async {
            for _ in 0..rounds {
                client.write_all(&one).await.expect("writes");
                client.read_exact(&mut one).await.expect("reads");
            }
        };
        let answering = async {
            for _ in 0..rounds {
                server.read_exact(&mut other).await.expect("reads");
                server.write_all(&other).await.expect("writes");
            }
        };
        join(asking, answering).await;
    }
}

async fn echo_native(
    mut client: compio_net::TcpStream,
    mut server: compio_net::TcpStream,
    rounds: usize,
    probe: &dyn Probe,
) {
    let (mut one, mut other) = (vec![0; 1], vec![0; 1]);
    for rounds in warm_and_measured(rounds, probe) {
        let asking = async {
            let mut buf = std::mem::take(&mut one);
            for _ in 0..rounds {
                let written = client.write_all(buf).await;
                written.0.expect("writes");
                let read = client.read_exact(written.1).await;
                read.0.expect("reads");
                buf = read.1;
            }
            one = buf;
        };
        let answering = async {
            let mut buf = std::mem::take(&mut other);
            for _ in 0..rounds {
                let read = server.read_exact(buf).await;
                read.0.expect("reads");
                let written = server.write_all(read.1).await;
                written.0.expect("writes");
                buf = written.1;
            }
            other = buf;
        };
        join(asking, answering).await;
    }
}

async fn echo_layer<S: CompletionRead + CompletionWrite>(
    mut client: S,
    mut server: S,
    rounds: usize,
    probe: &dyn Probe,
) {
    let (mut one, mut other) = (vec![0; 1], vec![0; 1]);
    for rounds in warm_and_measured(rounds, probe) {
        let asking = async {
            let mut buf = std::mem::take(&mut one);
            for _ in 0..rounds {
                let written = client.write_all_owned(buf).await;
                written.0.expect("writes");
                let read = client.read_owned(written.1).await;
                assert_eq!(read.0.expect("reads"), 1);
                buf = read.1;
            }
            one = buf;
        };
        let answering = async {
            let mut buf = std::mem::take(&mut other);
            for _ in 0..rounds {
                let read = server.read_owned(buf).await;
                assert_eq!(read.0.expect("reads"), 1);
                let written = server.write_all_owned(read.1).await;
                written.0.expect("writes");
                buf = written.1;
            }
            other = buf;
        };
        join(asking, answering).await;
    }
}
