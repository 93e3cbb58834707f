//! Servers, clients and keys.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_quinn::{PlainQuinn, Quinn};
use quinn::{ClientConfig, Connection, Endpoint, EndpointConfig, ServerConfig, TransportConfig};
use rustls::pki_types::PrivatePkcs8KeyDer;

pub(crate) const HERE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// Both of the runtimes, for tests of either.
pub(crate) trait Bind {
    fn bind_server(&self, config: ServerConfig) -> io::Result<Endpoint>;
    fn bind_client(&self) -> io::Result<Endpoint>;
}

impl<R: NetRuntime + OsNet> Bind for Quinn<R> {
    fn bind_server(&self, config: ServerConfig) -> io::Result<Endpoint> {
        self.endpoint(EndpointConfig::default(), Some(config), HERE)
    }

    fn bind_client(&self) -> io::Result<Endpoint> {
        self.endpoint(EndpointConfig::default(), None, HERE)
    }
}

impl<R: NetRuntime> Bind for PlainQuinn<R> {
    fn bind_server(&self, config: ServerConfig) -> io::Result<Endpoint> {
        self.endpoint(EndpointConfig::default(), Some(config), HERE)
    }

    fn bind_client(&self) -> io::Result<Endpoint> {
        self.endpoint(EndpointConfig::default(), None, HERE)
    }
}

/// Keys that both sides know.
pub(crate) struct Identity {
    pub(crate) server: ServerConfig,
    pub(crate) client: ClientConfig,
}

impl Identity {
    /// Peers wait for each other as long as a busy machine takes.
    pub(crate) fn new() -> Self {
        Self::with_idle_timeout(Duration::from_secs(120))
    }

    pub(crate) fn with_idle_timeout(timeout: Duration) -> Self {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = signed.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let mut transport = TransportConfig::default();
        transport.max_idle_timeout(Some(timeout.try_into().unwrap()));
        let transport = Arc::new(transport);
        let mut server = ServerConfig::with_single_cert(vec![certificate], key.into()).unwrap();
        server.transport_config(Arc::clone(&transport));
        let mut client = ClientConfig::with_root_certificates(Arc::new(roots)).unwrap();
        client.transport_config(transport);
        Self { server, client }
    }
}

pub(crate) fn server(quinn: &impl Bind, identity: &Identity) -> (Endpoint, SocketAddr) {
    let server = quinn.bind_server(identity.server.clone()).unwrap();
    let addr = server.local_addr().unwrap();
    (server, addr)
}

pub(crate) fn client(quinn: &impl Bind, identity: &Identity) -> Endpoint {
    let mut client = quinn.bind_client().unwrap();
    client.set_default_client_config(identity.client.clone());
    client
}

pub(crate) async fn connect(client: &Endpoint, addr: SocketAddr) -> Connection {
    client.connect(addr, "localhost").unwrap().await.unwrap()
}

/// Sends every stream back until the endpoint is closed.
pub(crate) async fn echo_server<R: Runtime>(rt: R, endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        let spawner = rt.clone();
        rt.spawn_detached(async move {
            let Ok(connection) = incoming.await else {
                return;
            };
            while let Ok((mut sender, mut receiver)) = connection.accept_bi().await {
                spawner.spawn_detached(async move {
                    let mut piece = vec![0; 16 * 1024];
                    while let Ok(Some(read)) = receiver.read(&mut piece).await {
                        if sender.write_all(&piece[..read]).await.is_err() {
                            return;
                        }
                    }
                    let _ = sender.finish();
                    let _ = sender.stopped().await;
                });
            }
        });
    }
}

/// Sends a stream of its own bytes, and checks what comes back while it is being sent.
pub(crate) async fn echo(connection: &Connection, number: usize, length: usize) {
    let bytes: Vec<u8> = (0..length).map(|at| (at * 31 + number) as u8).collect();
    let (mut sender, mut receiver) = connection.open_bi().await.unwrap();
    let send = async {
        sender.write_all(&bytes).await.unwrap();
        sender.finish().unwrap();
    };
    let receive = async { receiver.read_to_end(length).await.unwrap() };
    let ((), echoed) = futures::join!(send, receive);
    assert!(echoed == bytes, "stream {number} came back changed");
}
