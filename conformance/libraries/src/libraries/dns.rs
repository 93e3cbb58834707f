//! hickory: its resolver against a server of a few lines.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{AnyRuntime, Current};
use anyrt_hickory::Hickory;
use anyrt_net::AnyNet;
use anyrt_net::prelude::*;
use hickory_net::runtime::{RuntimeProvider, Spawn};
use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};

use super::ANY_PORT;
use crate::load::Load;
use crate::spawner::Spawner;

const RESOLVERS: usize = 2;
const LOOKERS: usize = 8;
const ANSWER: Ipv4Addr = Ipv4Addr::new(127, 9, 8, 7);

/// Starts a server, and tasks that look names up.
pub(crate) fn start<R: NetRuntime + Current>(spawner: &Spawner<R>) -> io::Result<()> {
    start_on(spawner, Hickory::new(spawner.runtime.clone()))
}

/// [`start`], for a runtime without its type.
pub(crate) fn start_any(spawner: &Spawner<AnyNet>) -> io::Result<()> {
    start_on::<_, AnyRuntime>(spawner, Hickory::any(spawner.runtime.clone()))
}

fn start_on<R: NetRuntime, C: Runtime + Current>(
    spawner: &Spawner<R>,
    provider: Hickory<R, C>,
) -> io::Result<()> {
    let socket = spawner.runtime.udp_bind(ANY_PORT)?;
    let address = socket.local_addr()?;
    spawner.spawn(serve(socket));
    for resolver in 0..RESOLVERS {
        let mut connection = ConnectionConfig::udp();
        connection.port = address.port();
        let server = NameServerConfig::new(address.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, vec![], vec![server]);
        let provider = Counted(spawner.clone(), provider.clone());
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

async fn look_up<P: RuntimeProvider>(names: Arc<Resolver<P>>, name: String, load: Load) {
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
async fn serve<S: UdpSocket>(socket: S) {
    let mut buffer = [0; 1024];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Some(answer) = answer(&buffer[..length]) else {
            continue;
        };
        if socket.send_to(&answer, from).await.is_err() {
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

/// The bridge, with tasks that are counted.
struct Counted<R: Runtime, C>(Spawner<R>, Hickory<R, C>);

impl<R: Runtime, C> Clone for Counted<R, C> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), self.1.clone())
    }
}

type BoxIo<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl<R: NetRuntime, C: Runtime + Current> RuntimeProvider for Counted<R, C> {
    type Handle = SpawnHandle<R>;
    type Timer = <Hickory<R, C> as RuntimeProvider>::Timer;
    type Udp = <Hickory<R, C> as RuntimeProvider>::Udp;
    type Tcp = <Hickory<R, C> as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> Self::Handle {
        SpawnHandle(self.0.clone())
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        local: Option<SocketAddr>,
        timeout: Option<Duration>,
    ) -> BoxIo<Self::Tcp> {
        self.1.connect_tcp(server, local, timeout)
    }

    fn bind_udp(&self, local: SocketAddr, server: SocketAddr) -> BoxIo<Self::Udp> {
        self.1.bind_udp(local, server)
    }
}

#[derive(Clone)]
struct SpawnHandle<R: Runtime>(Spawner<R>);

impl<R: Runtime> Spawn for SpawnHandle<R> {
    fn spawn_bg(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(future);
    }
}
