//! A server and its client, in a process each: what sockets cost in time.

use std::io;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyrt_async_std::AsyncStd;
use anyrt_benches_kit::sockets::layer;
use anyrt_net::{AnyNet, NetRuntime};
use anyrt_smol::Smol;
use anyrt_tokio::Tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Side;

/// Set for the client: address, connections, messages on each, and `echo` or `sink`.
const CLIENT: &str = "ANYRT_SOCKETS_CLIENT";

/// What the client asks for.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// How it is called.
    pub name: &'static str,
    /// How many connections are open at once.
    pub connections: usize,
    /// How many messages each has.
    pub messages: usize,
    /// Whether messages of 64 KiB are only read, instead of messages of 16 KiB echoed.
    pub sink: bool,
}

impl Work {
    /// What is measured: 1 GiB one way, and 16 KiB there and back on more and more connections.
    pub const ALL: [Self; 4] = [
        Self {
            name: "1 GiB one way",
            connections: 1,
            messages: 16 * 1024,
            sink: true,
        },
        Self {
            name: "16 KiB echoed, 1 connection",
            connections: 1,
            messages: 30_000,
            sink: false,
        },
        Self {
            name: "16 KiB echoed, 100 connections",
            connections: 100,
            messages: 300,
            sink: false,
        },
        Self {
            name: "16 KiB echoed, 10 000 connections",
            connections: 10_000,
            messages: 3,
            sink: false,
        },
    ];
}

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// From the first message, when all were connected, to the last one.
    pub wall: Duration,
    /// The server's processor time, with accepting and closing.
    pub processor: Duration,
}

/// Serves `work` on `backend` in this process, on one thread, to a client in another one.
///
/// # Errors
///
/// What the system reports.
///
/// # Panics
///
/// When `backend` is none of [`SERVERS`](super::SERVERS), or the client fails.
pub fn serve(backend: &str, side: Side, work: Work) -> io::Result<Spent> {
    let before = processor_time()?;
    let wall = match backend {
        "tokio" => {
            let owner = anyrt_benches_tokio::sockets::runtime();
            let rt = Tokio::try_from(owner.handle().clone()).expect("has timers");
            owner.block_on(async {
                match side {
                    Side::Native => {
                        let (listener, addr) =
                            anyrt_benches_tokio::sockets::native::listener(&()).await;
                        let client = Client::start(addr, work)?;
                        anyrt_benches_tokio::sockets::native::serve(
                            &(),
                            listener,
                            work.connections,
                            work.sink,
                        )
                        .await;
                        client.wait()
                    }
                    _ => through(side, rt, work).await,
                }
            })?
        }
        "smol" => smol::block_on(smol::spawn(async move {
            match side {
                Side::Native => {
                    let (listener, addr) = anyrt_benches_smol::sockets::native::listener(&()).await;
                    let client = Client::start(addr, work)?;
                    anyrt_benches_smol::sockets::native::serve(
                        &(),
                        listener,
                        work.connections,
                        work.sink,
                    )
                    .await;
                    client.wait()
                }
                _ => through(side, Smol::global(), work).await,
            }
        }))?,
        "async-std" => smol::block_on(async_std::task::spawn(async move {
            match side {
                Side::Native => {
                    let (listener, addr) =
                        anyrt_benches_async_std::sockets::native::listener(&()).await;
                    let client = Client::start(addr, work)?;
                    anyrt_benches_async_std::sockets::native::serve(
                        &(),
                        listener,
                        work.connections,
                        work.sink,
                    )
                    .await;
                    client.wait()
                }
                _ => through(side, AsyncStd::global(), work).await,
            }
        }))?,
        _ => panic!("no backend is called `{backend}`"),
    };
    Ok(Spent {
        wall,
        processor: processor_time()? - before,
    })
}

async fn through<R: NetRuntime>(side: Side, rt: R, work: Work) -> io::Result<Duration> {
    async fn through<R: NetRuntime>(rt: R, work: Work) -> io::Result<Duration> {
        let (listener, addr) = layer::listener(&rt).await;
        let client = Client::start(addr, work)?;
        layer::serve(&rt, listener, work.connections, work.sink).await;
        client.wait()
    }
    match side {
        Side::Any => through(AnyNet::new(rt), work).await,
        _ => through(rt, work).await,
    }
}

struct Client(std::process::Child);

impl Client {
    fn start(addr: SocketAddr, work: Work) -> io::Result<Self> {
        let Work {
            connections,
            messages,
            sink,
            ..
        } = work;
        Command::new(env::current_exe()?)
            .env(CLIENT, format!("{addr} {connections} {messages} {sink}"))
            .stdout(Stdio::piped())
            .spawn()
            .map(Self)
    }

    /// What the client measured.
    fn wait(self) -> io::Result<Duration> {
        let output = self.0.wait_with_output()?;
        assert!(output.status.success(), "the client failed");
        let text = String::from_utf8_lossy(&output.stdout);
        let nanoseconds = text.trim().parse().map_err(io::Error::other)?;
        Ok(Duration::from_nanos(nanoseconds))
    }
}

/// Whether this process is a client; it has done its work then.
///
/// # Errors
///
/// What the system reports.
///
/// # Panics
///
/// When it was told nonsense.
pub fn was_client() -> io::Result<bool> {
    let Ok(told) = env::var(CLIENT) else {
        return Ok(false);
    };
    let words: Vec<_> = told.split(' ').collect();
    let [addr, connections, messages, sink] = words[..] else {
        panic!("not a client: {told}");
    };
    let addr: SocketAddr = addr.parse().expect("an address");
    let connections = connections.parse().expect("a number");
    let messages = messages.parse().expect("a number");
    let spent = anyrt_benches_tokio::sockets::runtime().block_on(ask(
        addr,
        connections,
        messages,
        sink == "true",
    ))?;
    println!("{}", spent.as_nanos());
    Ok(true)
}

async fn ask(
    addr: SocketAddr,
    connections: usize,
    messages: usize,
    sink: bool,
) -> io::Result<Duration> {
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        let stream = tokio::net::TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let start = Instant::now();
    let tasks = streams.into_iter().map(|mut stream| {
        tokio::spawn(async move {
            let mut buf = vec![0; if sink { 64 } else { 16 } * 1024];
            for _ in 0..messages {
                stream.write_all(&buf).await?;
                if !sink {
                    stream.read_exact(&mut buf).await?;
                }
            }
            if sink {
                // Until the other end has read everything.
                stream.shutdown().await?;
                assert_eq!(stream.read(&mut buf).await?, 0, "a sink answers nothing");
            } else {
                // No port waits for stray packets, so that the next run finds as many as this one.
                stream.set_zero_linger()?;
            }
            io::Result::Ok(())
        })
    });
    for task in futures::future::join_all(tasks).await {
        task??;
    }
    Ok(start.elapsed())
}

/// The processor time of this process so far. The system counts in hundredths of a second.
fn processor_time() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name before it may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_millis(10 * ticks))
}
