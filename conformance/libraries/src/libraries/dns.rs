//! hickory: its resolver against a server of a few lines.

use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::Current;
use anyrt_core::prelude::*;
use async_trait::async_trait;
use futures::io::{AsyncRead, AsyncWrite};
use hickory_net::runtime::{DnsTcpStream, DnsUdpSocket, RuntimeProvider, Spawn, Time};
use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};

use crate::load::Load;
use crate::sockets::{ANY_PORT, Sockets};
use crate::spawner::Spawner;

const RESOLVERS: usize = 2;
const LOOKERS: usize = 8;
const ANSWER: Ipv4Addr = Ipv4Addr::new(127, 9, 8, 7);

/// Starts a server, and tasks that look names up.
pub(crate) fn start<R: Runtime + Current, S: Sockets>(spawner: &Spawner<R>) -> io::Result<()> {
    let (socket, address) = S::udp(ANY_PORT)?;
    spawner.spawn(serve::<S>(socket));
    for resolver in 0..RESOLVERS {
        let mut connection = ConnectionConfig::udp();
        connection.port = address.port();
        let server = NameServerConfig::new(address.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, vec![], vec![server]);
        let provider = Provider::<R, S>(spawner.clone(), PhantomData);
        let mut builder = Resolver::builder_with_config(config, provider);
        builder.options_mut().cache_size = 0;
        let names = Arc::new(builder.build().map_err(io::Error::other)?);
        for looker in 0..LOOKERS {
            let name = format!("name-{resolver}-{looker}.test.");
            spawner.spawn(look_up(names.clone(), name, spawner.load.clone()));
        }
    }
    Ok(())
}

async fn look_up<R: Runtime + Current, S: Sockets>(
    names: Arc<Resolver<Provider<R, S>>>,
    name: String,
    load: Load,
) {
    loop {
        match names.lookup_ip(name.as_str()).await {
            Ok(found) if found.iter().any(|ip| ip == IpAddr::V4(ANSWER)) => load.done(),
            Ok(_) => load.fail("a name has another address"),
            // Datagrams are lost now and then.
            Err(_) => {}
        }
    }
}

/// Answers every question for an IPv4 address with the same one.
async fn serve<S: Sockets>(socket: S::Udp) {
    let mut buffer = [0; 1024];
    loop {
        let received = std::future::poll_fn(|cx| S::poll_recv_from(&socket, cx, &mut buffer));
        let Ok((length, from)) = received.await else {
            return;
        };
        let Some(answer) = answer(&buffer[..length]) else {
            continue;
        };
        let sent = std::future::poll_fn(|cx| S::poll_send_to(&socket, cx, &answer, from));
        if sent.await.is_err() {
            return;
        }
    }
}

/// A header, the question as it came, and one record that points to its name.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    let mut end = HEADER;
    while *query.get(end)? != 0 {
        end += 1 + usize::from(query[end]);
    }
    let question = query.get(HEADER..end + 5)?;
    let is_ipv4 = question[question.len() - 4..] == [0, 1, 0, 1];
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_ipv4), 0, 0, 0, 0]);
    answer.extend(question);
    if is_ipv4 {
        answer.extend([0xC0, HEADER as u8, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(ANSWER.octets());
    }
    Some(answer)
}

/// hickory's runtime on one of ours.
struct Provider<R: Runtime, S>(Spawner<R>, PhantomData<S>);

impl<R: Runtime, S> Clone for Provider<R, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

type BoxIo<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl<R: Runtime + Current, S: Sockets> RuntimeProvider for Provider<R, S> {
    type Handle = SpawnHandle<R>;
    type Timer = Clock<R>;
    type Udp = Udp<R, S>;
    type Tcp = Tcp<R, S>;

    fn create_handle(&self) -> Self::Handle {
        SpawnHandle(self.0.clone())
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        _: Option<SocketAddr>,
        _: Option<Duration>,
    ) -> BoxIo<Self::Tcp> {
        Box::pin(async move { Ok(Tcp(S::connect(server).await?, PhantomData)) })
    }

    fn bind_udp(&self, local: SocketAddr, _: SocketAddr) -> BoxIo<Self::Udp> {
        Box::pin(async move { Ok(Udp(S::udp(local)?.0, PhantomData)) })
    }
}

#[derive(Clone)]
struct SpawnHandle<R: Runtime>(Spawner<R>);

impl<R: Runtime> Spawn for SpawnHandle<R> {
    fn spawn_bg(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(future);
    }
}

/// The clock of the runtime that is current, because hickory asks for it statically.
struct Clock<R>(PhantomData<fn() -> R>);

#[async_trait]
impl<R: Runtime + Current> Time for Clock<R> {
    async fn delay_for(duration: Duration) {
        R::current().sleep(duration).await;
    }

    async fn timeout<F: Future + Send + 'static>(
        duration: Duration,
        future: F,
    ) -> io::Result<F::Output> {
        let limited = R::current().timeout(duration, future);
        limited.await.map_err(|_| io::ErrorKind::TimedOut.into())
    }
}

struct Udp<R, S: Sockets>(S::Udp, PhantomData<fn() -> R>);

impl<R: Runtime + Current, S: Sockets> DnsUdpSocket for Udp<R, S> {
    type Time = Clock<R>;

    fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        S::poll_recv_from(&self.0, cx, buffer)
    }

    fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        S::poll_send_to(&self.0, cx, bytes, target)
    }
}

struct Tcp<R, S: Sockets>(S::Stream, PhantomData<fn() -> R>);

impl<R: Runtime + Current, S: Sockets> DnsTcpStream for Tcp<R, S> {
    type Time = Clock<R>;
}

impl<R, S: Sockets> AsyncRead for Tcp<R, S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<R, S: Sockets> AsyncWrite for Tcp<R, S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}
