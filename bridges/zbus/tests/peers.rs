//! zbus' connections between two peers, on every backend with sockets of the system's.

#![cfg(unix)]

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_system_runtime, repeats};
use anyrt_net::{NetRuntime, OsNet, Unix};
use anyrt_zbus::Zbus;
use futures::StreamExt;
use zbus::connection::{Builder, Connection};
use zbus::object_server::SignalEmitter;
use zbus::runtime::traits::{Runtime, TaskHandle};
use zbus::{Guid, interface, proxy};

/// Says what the bridge asks of a runtime once.
trait Suits:
    NetRuntime
    + OsNet<Registered: Send + Sync + 'static>
    + Unix<UnixStream: AsFd + Send, UnixConnect: Send>
{
}

impl<R> Suits for R where
    R: NetRuntime
        + OsNet<Registered: Send + Sync + 'static>
        + Unix<UnixStream: AsFd + Send, UnixConnect: Send>
{
}

on_each_system_runtime!(
    calls_and_signals_over_a_pair,
    calls_over_tcp,
    calls_over_a_file,
    calls_over_an_abstract_name,
    a_peer_that_goes_is_noticed,
    a_call_that_is_not_answered_times_out,
    a_process_is_waited_for,
    a_dropped_task_is_aborted_and_a_detached_one_goes_on,
);

#[derive(Default)]
struct Counter(AtomicU32);

#[interface(name = "org.anyrt.Counter")]
impl Counter {
    async fn add(
        &self,
        amount: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<u32> {
        let sum = self.0.fetch_add(amount, Ordering::SeqCst) + amount;
        Self::added(&emitter, amount).await?;
        Ok(sum)
    }

    async fn forget(&self) {
        std::future::pending().await
    }

    #[zbus(signal)]
    async fn added(emitter: &SignalEmitter<'_>, amount: u32) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.anyrt.Counter",
    default_path = "/counter",
    default_service = "org.anyrt"
)]
trait Counter {
    fn add(&self, amount: u32) -> zbus::Result<u32>;
    fn forget(&self) -> zbus::Result<()>;

    #[zbus(signal)]
    fn added(&self, amount: u32) -> zbus::Result<()>;
}

fn serving<R: Suits>(rt: &R, builder: Builder<'static>) -> Builder<'static> {
    builder
        .server(Guid::generate())
        .p2p()
        .serve_at("/counter", Counter::default())
        .runtime(Zbus::new(rt.clone()))
}

fn asking<R: Suits>(rt: &R, builder: Builder<'static>) -> Builder<'static> {
    builder.p2p().runtime(Zbus::new(rt.clone()))
}

async fn pair<R: Suits>(rt: &R) -> (Connection, Connection) {
    let (here, there) = UnixStream::pair().unwrap();
    let server = serving(rt, Builder::unix_stream(there));
    let client = asking(rt, Builder::unix_stream(here));
    futures::try_join!(server.build(), client.build()).unwrap()
}

/// Many calls at a time, each of which adds one.
async fn call<R: Suits>(rt: &R, client: &Connection) {
    let counter = CounterProxy::new(client).await.unwrap();
    let count = repeats(50, 2000) as u32;
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let counter = counter.clone();
            rt.spawn(async move { counter.add(1).await.unwrap() })
        })
        .collect();
    let mut sums = Vec::new();
    for call in calls {
        sums.push(call.await.unwrap());
    }
    sums.sort_unstable();
    assert_eq!(sums, (1..=count).collect::<Vec<_>>());
}

async fn calls_and_signals_over_a_pair<R: Suits>(rt: R) {
    let (_server, client) = pair(&rt).await;
    let counter = CounterProxy::new(&client).await.unwrap();
    let mut added = counter.receive_added().await.unwrap();
    assert_eq!(counter.add(42).await.unwrap(), 42);
    let signal = added.next().await.unwrap();
    assert_eq!(signal.args().unwrap().amount, 42);
    drop(added);
    let (_server, client) = pair(&rt).await;
    call(&rt, &client).await;
}

async fn calls_over_tcp<R: Suits>(rt: R) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepted = rt.spawn_blocking(move || listener.accept().unwrap().0);
    let address = format!("tcp:host=127.0.0.1,port={port}");
    let client = asking(&rt, Builder::address(address.as_str()));
    let server = async {
        serving(&rt, Builder::tcp_stream(accepted.await.unwrap()))
            .build()
            .await
    };
    let (_server, client) = futures::try_join!(server, client.build()).unwrap();
    call(&rt, &client).await;
}

async fn over_unix<R: Suits>(rt: R, listener: UnixListener, address: String) {
    let accepted = rt.spawn_blocking(move || listener.accept().unwrap().0);
    let client = asking(&rt, Builder::address(address.as_str()));
    let server = async {
        serving(&rt, Builder::unix_stream(accepted.await.unwrap()))
            .build()
            .await
    };
    let (_server, client) = futures::try_join!(server, client.build()).unwrap();
    call(&rt, &client).await;
}

/// A name of this process that no other test has.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::SeqCst);
    format!("anyrt-zbus-{}-{next}", std::process::id())
}

async fn calls_over_a_file<R: Suits>(rt: R) {
    let path = std::env::temp_dir().join(unique());
    let listener = UnixListener::bind(&path).unwrap();
    over_unix(rt, listener, format!("unix:path={}", path.display())).await;
    std::fs::remove_file(path).unwrap();
}

#[cfg(target_os = "linux")]
async fn calls_over_an_abstract_name<R: Suits>(rt: R) {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    let name = unique();
    let addr = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&addr).unwrap();
    over_unix(rt, listener, format!("unix:abstract={name}")).await;
}

#[cfg(not(target_os = "linux"))]
async fn calls_over_an_abstract_name<R: Suits>(_: R) {}

async fn a_peer_that_goes_is_noticed<R: Suits>(rt: R) {
    let (server, client) = pair(&rt).await;
    let counter = CounterProxy::new(&client).await.unwrap();
    let forgotten = rt.spawn(async move { counter.forget().await });
    server.close().await.unwrap();
    assert!(forgotten.await.unwrap().is_err());
}

async fn a_call_that_is_not_answered_times_out<R: Suits>(rt: R) {
    let limit = Duration::from_millis(50);
    let (here, there) = UnixStream::pair().unwrap();
    let server = serving(&rt, Builder::unix_stream(there));
    let client = asking(&rt, Builder::unix_stream(here)).method_timeout(limit);
    let (_server, client) = futures::try_join!(server.build(), client.build()).unwrap();
    let counter = CounterProxy::new(&client).await.unwrap();
    let begun = rt.now();
    let error = counter.forget().await.unwrap_err();
    assert!(rt.now() - begun >= limit, "{error}");
    let zbus::Error::InputOutput(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

async fn a_process_is_waited_for<R: Suits>(rt: R) {
    let zbus = Zbus::new(rt);
    let mut command = Command::new("sh");
    command.args(["-c", "exit 7"]);
    let null = Stdio::null;
    let status = zbus.spawn_process(command, null(), null(), null()).unwrap();
    assert_eq!(status.await.unwrap().code(), Some(7));
    let missing = Command::new("/nowhere/at/all");
    let error = zbus.spawn_process(missing, null(), null(), null());
    let Err(error) = error else {
        panic!("a program that is nowhere was started");
    };
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

async fn a_dropped_task_is_aborted_and_a_detached_one_goes_on<R: Suits>(rt: R) {
    let zbus = Zbus::new(rt);
    let held = Arc::new(());
    let kept = Arc::clone(&held);
    let (started, has_started) = futures::channel::oneshot::channel();
    let task = zbus.spawn("aborted", async move {
        let _kept = kept;
        started.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    has_started.await.unwrap();
    drop(task);
    while Arc::strong_count(&held) > 1 {
        zbus.sleep(Duration::from_millis(1)).await;
    }
    let (sender, receiver) = futures::channel::oneshot::channel();
    zbus.spawn("detached", async move { sender.send(42).unwrap() })
        .detach();
    assert_eq!(receiver.await, Ok(42));
    assert_eq!(zbus.spawn("joined", async { 42 }).await.unwrap(), 42);
    assert_eq!(zbus.spawn_blocking(|| 42).await, 42);
}
