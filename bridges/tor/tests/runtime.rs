//! What tor-rtcompat asks of a runtime, on every backend.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_each_system_runtime, on_simulation};
use anyrt_net::{NetRuntime, OsNet};
use anyrt_tor::{Tor, TorStream};
use futures::channel::oneshot;
use futures::future::{join, join_all, poll_immediate};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::stream::StreamExt;
use futures_rustls::TlsAcceptor;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tor_general_addr::unix;
use tor_rtcompat::scheduler::TaskSchedule;
use tor_rtcompat::tls::{RustlsProvider, TlsConnector};
use tor_rtcompat::{
    Blocking, CertifiedConn, CoarseDuration, CoarseTimeProvider, NetStreamListener,
    NetStreamProvider, Runtime, SleepProvider, SleepProviderExt, SpawnExt, StreamOps,
    TcpConnectOptions, TcpListenOptions, TimeoutError, TlsProvider, UdpProvider, UdpSocket,
};

on_each_runtime!(
    a_sleep_takes_its_time,
    a_timeout_ends_what_does_not_end,
    the_wall_clock_is_waited_for,
    the_coarse_clock_goes_with_the_clock,
    a_schedule_fires_when_it_is_told,
    tasks_give_their_results,
    blocking_work_waits_for_tasks,
    a_listener_hands_out_each_connection,
    sizes_of_buffers_are_honoured_or_refused,
    datagrams_come_with_their_sender,
    tls_is_negotiated_without_validation,
    unix_sockets_are_refused_where_there_are_none,
);

on_simulation!(
    a_sleep_takes_its_time,
    a_timeout_ends_what_does_not_end,
    the_wall_clock_is_waited_for,
    the_coarse_clock_goes_with_the_clock,
    a_schedule_fires_when_it_is_told,
    tasks_give_their_results,
    a_listener_hands_out_each_connection,
    datagrams_come_with_their_sender,
    tls_is_negotiated_without_validation,
    unix_sockets_are_refused_where_there_are_none,
);

on_each_system_runtime!(streams_go_over_unix_sockets, both_families_share_a_port);

const SHORT: Duration = Duration::from_millis(10);

/// As arti's crates get it.
fn runtime<R: NetRuntime>(rt: R) -> impl Runtime {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| ring::default_provider().install_default().unwrap());
    Tor::new(rt).runtime_without_unix(RustlsProvider::default())
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

async fn a_sleep_takes_its_time<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let begun = rt.now();
    rt.sleep(SHORT).await;
    assert!(rt.now() >= begun + SHORT);
}

async fn a_timeout_ends_what_does_not_end<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let day = Duration::from_secs(86_400);
    assert_eq!(rt.timeout(day, async { 413 }).await, Ok(413));
    let late = rt.timeout(SHORT, pending::<()>()).await;
    assert_eq!(late, Err(TimeoutError));
}

async fn the_wall_clock_is_waited_for<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let wanted = rt.wallclock() + SHORT;
    rt.sleep_until_wallclock(wanted).await;
    assert!(rt.wallclock() >= wanted);
}

async fn the_coarse_clock_goes_with_the_clock<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let begun = rt.now_coarse();
    let later = begun + CoarseDuration::from(SHORT);
    assert!(rt.clone().now_coarse() >= begun);
    rt.sleep(2 * SHORT).await;
    assert!(rt.now_coarse() > later);
}

async fn a_schedule_fires_when_it_is_told<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let (mut schedule, handle) = TaskSchedule::new(rt.clone());
    // Once at the beginning.
    schedule.next().await.unwrap();
    assert!(poll_immediate(schedule.next()).await.is_none());
    assert!(handle.fire());
    schedule.next().await.unwrap();
    let wanted = rt.now() + SHORT;
    assert!(handle.fire_at(wanted));
    schedule.next().await.unwrap();
    assert!(rt.now() >= wanted);
    // Suspended, it sleeps on until it is resumed.
    assert!(handle.suspend());
    handle.fire();
    let suspended = rt.timeout(SHORT, schedule.next()).await;
    assert_eq!(suspended, Err(TimeoutError));
    assert!(handle.resume());
    schedule.next().await.unwrap();
    drop(handle);
    assert!(schedule.next().await.is_none());
}

async fn tasks_give_their_results<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let tasks = (0..100).map(|n| {
        let sleeper = rt.clone();
        let work = async move {
            sleeper.sleep(Duration::from_millis(n % 5)).await;
            n
        };
        rt.spawn_with_handle(work).unwrap()
    });
    let results = join_all(tasks.collect::<Vec<_>>()).await;
    assert!(results.into_iter().eq(0..100));
    // A handle that is dropped ends its task.
    let (alive, ended) = oneshot::channel::<()>();
    let task = rt.spawn_with_handle(async move {
        let _alive = alive;
        pending::<()>().await;
    });
    drop(task.unwrap());
    assert!(ended.await.is_err());
}

async fn blocking_work_waits_for_tasks<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let (ask, asked) = oneshot::channel::<u32>();
    let (answer, answered) = oneshot::channel::<u32>();
    rt.spawn(async move {
        let question = asked.await.unwrap();
        answer.send(question + 1).unwrap();
    })
    .unwrap();
    let inside = rt.clone();
    let thread = rt.spawn_blocking(move || {
        ask.send(41).unwrap();
        inside.reenter_block_on(async {
            inside.sleep(SHORT).await;
            answered.await.unwrap()
        })
    });
    assert_eq!(thread.await, 42);
    assert_eq!(rt.blocking_io(|| 43).await, 43);
}

async fn a_listener_hands_out_each_connection<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let listener = rt
        .listen(&loopback(), &TcpListenOptions::default())
        .await
        .unwrap();
    let addr: SocketAddr = listener.local_addr().unwrap();
    let mut incoming = listener.incoming();
    let served = async {
        let mut served = 0;
        loop {
            let (mut stream, peer) = incoming.next().await.unwrap().unwrap();
            assert_eq!(peer.ip(), addr.ip());
            let mut said = String::new();
            stream.read_to_string(&mut said).await.unwrap();
            served += 1;
            if said == "done" {
                return (served, stream);
            }
        }
    };
    let options = Default::default();
    let connects = async {
        for said in ["one", "two", "three", "done"] {
            let mut stream = rt.connect(&addr, &options).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            stream.close().await.unwrap();
        }
    };
    // The last connection keeps the port, so that nobody else is given it and listens.
    let ((served, _kept), ()) = join(served, connects).await;
    assert_eq!(served, 4);
    drop(incoming);
    let refused = rt.connect(&addr, &options).await.err().unwrap();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}

async fn sizes_of_buffers_are_honoured_or_refused<R: NetRuntime>(rt: R) {
    let tor = Tor::new(rt);
    let listener = tor
        .listen(&loopback(), &TcpListenOptions::default())
        .await
        .unwrap();
    let addr: SocketAddr = listener.local_addr().unwrap();
    let mut sized = TcpConnectOptions::builder();
    sized.common().send_buffer_size(Some(20_000));
    let stream: TorStream<R::TcpStream> =
        tor.connect(&addr, &sized.build().unwrap()).await.unwrap();
    let options = anyrt_net::TcpStream::options(stream.get_ref()).unwrap();
    // The system may give more.
    let size = options.send_buffer_size.unwrap();
    assert!((20_000..=40_000).contains(&size), "{size}");
    // What a socket of any runtime cannot do.
    let refused = stream.set_tcp_notsent_lowat(1000).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
    let mut sized = TcpListenOptions::builder();
    sized.common().recv_buffer_size(Some(20_000));
    let refused = tor.listen(&loopback(), &sized.build().unwrap()).await;
    assert_eq!(refused.err().unwrap().kind(), io::ErrorKind::Unsupported);
}

async fn datagrams_come_with_their_sender<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let one = rt.bind(&loopback()).await.unwrap();
    let other = rt.bind(&loopback()).await.unwrap();
    let mut buf = [0; 16];
    let receive = one.recv(&mut buf);
    let to = one.local_addr().unwrap();
    let (received, sent) = join(receive, other.send(b"moin", &to)).await;
    assert_eq!(sent.unwrap(), 4);
    assert_eq!(received.unwrap(), (4, other.local_addr().unwrap()));
    assert_eq!(&buf[..4], b"moin");
}

/// Tor looks at the key of the certificate alone, and not at who it is for.
async fn tls_is_negotiated_without_validation<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let made = rcgen::generate_simple_self_signed(["derse.example.org".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = rt
        .listen(&loopback(), &TcpListenOptions::default())
        .await
        .unwrap();
    let addr: SocketAddr = listener.local_addr().unwrap();
    let echo = rt.spawn_with_handle(async move {
        let (stream, _) = listener.incoming().next().await.unwrap().unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let exported = {
            let (_, session) = stream.get_ref();
            session
                .export_keying_material([0; 32], b"label", None)
                .unwrap()
        };
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
        stream.close().await.unwrap();
        exported
    });
    let echo = echo.unwrap();
    assert!(rt.supports_keying_material_export());
    let stream = rt.connect(&addr, &Default::default()).await.unwrap();
    let connector = rt.tls_connector();
    let mut stream = connector
        .negotiate_unvalidated(stream, "prospit.example.org")
        .await
        .unwrap();
    let told = stream.peer_certificate().unwrap().unwrap().into_owned();
    assert_eq!(told, certificate.as_ref());
    let exported = stream.export_keying_material(32, b"label", None).unwrap();
    let text = "moin ".repeat(100_000);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.close().await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said == text);
    assert_eq!(echo.await.to_vec(), exported);
}

async fn unix_sockets_are_refused_where_there_are_none<R: NetRuntime>(rt: R) {
    let rt = runtime(rt);
    let addr = unix::SocketAddr::from_pathname("/nowhere").unwrap();
    let refused = rt.connect(&addr, &Default::default()).await;
    assert_eq!(refused.err().unwrap().kind(), io::ErrorKind::Unsupported);
    let refused = rt.listen(&addr, &Default::default()).await;
    assert_eq!(refused.err().unwrap().kind(), io::ErrorKind::Unsupported);
}

/// A path that no other test takes, and that is gone at the end.
struct Path(PathBuf);

impl Path {
    fn new() -> Self {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("anyrt-tor-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

async fn streams_go_over_unix_sockets<R>(rt: R)
where
    R: NetRuntime,
    Tor<R>: NetStreamProvider<unix::SocketAddr, ConnectOptions: Default, ListenOptions: Default>,
{
    let tor = Tor::new(rt);
    let path = Path::new();
    let addr = unix::SocketAddr::from_pathname(&path.0).unwrap();
    let listener = tor.listen(&addr, &Default::default()).await.unwrap();
    let mut incoming = listener.incoming();
    let options = Default::default();
    let (accepted, connected) = join(incoming.next(), tor.connect(&addr, &options)).await;
    let (mut accepted, _) = accepted.unwrap().unwrap();
    let mut connected = connected.unwrap();
    connected.write_all(b"moin").await.unwrap();
    connected.close().await.unwrap();
    let mut said = String::new();
    accepted.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "moin");
}

/// As with tor-rtcompat's own runtimes.
async fn both_families_share_a_port<R: NetRuntime + OsNet>(rt: R) {
    let tor = Tor::new(rt);
    let options = TcpListenOptions::default();
    let mut taken = Vec::new();
    loop {
        let six: SocketAddr = (Ipv6Addr::UNSPECIFIED, 0).into();
        let six = NetStreamProvider::<SocketAddr>::listen(&tor, &six, &options)
            .await
            .unwrap();
        let port = six.local_addr().unwrap().port();
        let four: SocketAddr = (Ipv4Addr::UNSPECIFIED, port).into();
        match NetStreamProvider::<SocketAddr>::listen(&tor, &four, &options).await {
            Ok(_) => return,
            // Another test has the port, with IPv4 alone: the next one is another port. All of them are not taken.
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse),
        }
        taken.push(six);
        assert!(taken.len() < 100, "each port is taken for both families");
    }
}
