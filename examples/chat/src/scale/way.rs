use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{Config, Launch, Spawn};
use anyrt_net::{ListenOptions, prelude::*};
use futures::StreamExt;

use crate::by_hand;
use crate::hall::{Hall, Settings};

/// A server, and what it is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// [`serve`](crate::serve) on tokio.
    Tokio,
    /// [`serve`](crate::serve) on smol.
    Smol,
    /// [`serve`](crate::serve) on async-std.
    AsyncStd,
    /// On `tokio::net`, without the layer.
    TokioByHand,
    /// On `async-net` and smol's executor, without the layer.
    AsyncNetByHand,
}

impl Way {
    /// Those that are written by hand first.
    pub const ALL: [Self; 5] = [
        Self::TokioByHand,
        Self::Tokio,
        Self::AsyncNetByHand,
        Self::Smol,
        Self::AsyncStd,
    ];

    /// The name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokio => "tokio",
            Self::Smol => "smol",
            Self::AsyncStd => "async-std",
            Self::TokioByHand => "tokio-by-hand",
            Self::AsyncNetByHand => "async-net-by-hand",
        }
    }

    /// The same server written by hand.
    pub fn by_hand(self) -> Self {
        match self {
            Self::Tokio | Self::TokioByHand => Self::TokioByHand,
            Self::Smol | Self::AsyncStd | Self::AsyncNetByHand => Self::AsyncNetByHand,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|way| way.name() == text);
        found.ok_or_else(|| format!("the ways are {}", names.join(", ")))
    }
}

/// How many threads run tasks, on every runtime that can be told so.
const THREADS: usize = 2;

/// Runs a server until ctrl-c. Tells how many came, and how often a line was addressed to one of them.
///
/// # Errors
///
/// Those of the runtime's start, of the listener, and of the subscription to ctrl-c.
pub fn run_server(
    way: Way,
    addr: SocketAddr,
    is_shared: bool,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> io::Result<(usize, usize)> {
    let hall = Hall::new(&std::process::id().to_string(), Settings::default());
    let options = ListenOptions::new().reuse_port(is_shared);
    match way {
        Way::Tokio => launched::<anyrt_tokio::Owned>(
            Config::new().worker_threads(THREADS),
            addr,
            &options,
            &hall,
            listening,
        ),
        Way::Smol => launched::<anyrt_smol::Owned>(
            Config::new().worker_threads(THREADS),
            addr,
            &options,
            &hall,
            listening,
        ),
        Way::AsyncStd => {
            launched::<anyrt_async_std::Global>(Config::new(), addr, &options, &hall, listening)
        }
        Way::TokioByHand => tokio_by_hand(listen(addr, is_shared)?, &hall, listening),
        Way::AsyncNetByHand => async_net_by_hand(listen(addr, is_shared)?, &hall, listening),
    }?;
    Ok(hall.totals())
}

/// One function for every runtime of the layer.
fn launched<L>(
    config: Config,
    addr: SocketAddr,
    options: &ListenOptions,
    hall: &Arc<Hall>,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> io::Result<()>
where
    L: Launch<Handle: NetRuntime + Signals<Signals: Send>>,
{
    let owner = L::launch(config).map_err(io::Error::other)?;
    let rt = owner.handle();
    let result = owner.block_on(async {
        let ctrl_c = rt.ctrl_c();
        let listener = rt.tcp_listen_with(addr, options)?;
        listening(listener.local_addr()?)?;
        let stop = async { drop(ctrl_c.await) };
        let serving = rt.spawn(crate::serve(rt.clone(), listener, hall.clone(), stop));
        serving
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    });
    owner.shutdown(Duration::from_secs(1));
    result
}

fn tokio_by_hand(
    listener: TcpListener,
    hall: &Arc<Hall>,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> io::Result<()> {
    let rt = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    rt.block_on(async {
        let mut interrupts =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        listening(listener.local_addr()?)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let stop = async move {
            interrupts.recv().await;
        };
        tokio::spawn(by_hand::tokio::serve(listener, hall.clone(), stop)).await?
    })
}

fn async_net_by_hand(
    listener: TcpListener,
    hall: &Arc<Hall>,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> io::Result<()> {
    let executor = Arc::new(smol::Executor::new());
    let (alive, ended) = async_channel::bounded::<()>(1);
    let workers: Vec<_> = (0..THREADS)
        .map(|_| {
            let (executor, ended) = (executor.clone(), ended.clone());
            std::thread::spawn(move || smol::block_on(executor.run(ended.recv())))
        })
        .collect();
    let result = smol::block_on(async {
        let mut interrupts = async_signal::Signals::new([async_signal::Signal::Int])?;
        listening(listener.local_addr()?)?;
        let listener = async_net::TcpListener::try_from(listener)?;
        let stop = async move { drop(interrupts.next().await) };
        let serving = by_hand::async_net::serve(executor.clone(), listener, hall.clone(), stop);
        executor.spawn(serving).await
    });
    drop(alive);
    for worker in workers {
        worker.join().ok();
    }
    result
}

/// A listener as the layer makes them: 1024 connections wait, and a port in its closing time is free.
fn listen(addr: SocketAddr, is_shared: bool) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(addr),
        socket2::Type::STREAM,
        None,
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(is_shared)?;
    socket.bind(&addr.into())?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}
