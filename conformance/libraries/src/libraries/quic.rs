//! quinn: connections with many streams at a time, in both directions.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use anyrt_core::Instant;
use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use quinn::{AsyncUdpSocket, ClientConfig, Connection, Endpoint, EndpointConfig, ServerConfig};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::ANY_PORT;
use crate::load::Load;
use crate::spawner::Spawner;

const CONNECTIONS: usize = 2;
const STREAMS: usize = 8;
const BYTES: usize = 5000;

/// Starts a server and its clients.
pub(crate) fn start<B: Bridge>(spawner: &Spawner<B::Runtime>) -> io::Result<()> {
    let identity = identity();
    let server = endpoint::<B>(spawner, Some(identity.server.clone()))?;
    let address = server.local_addr()?;
    spawner.spawn(serve(spawner.clone(), server));
    let mut client = endpoint::<B>(spawner, None)?;
    client.set_default_client_config(identity.client.clone());
    for _ in 0..CONNECTIONS {
        let (client, spawner) = (client.clone(), spawner.clone());
        spawner.clone().spawn(async move {
            let Ok(connecting) = client.connect(address, "localhost") else {
                return;
            };
            let Ok(connection) = connecting.await else {
                return;
            };
            for _ in 0..STREAMS {
                spawner.spawn(send(connection.clone(), spawner.load.clone()));
            }
        });
    }
    Ok(())
}

fn endpoint<B: Bridge>(
    spawner: &Spawner<B::Runtime>,
    server: Option<ServerConfig>,
) -> io::Result<Endpoint> {
    let runtime = spawner.runtime.clone();
    Endpoint::new_with_abstract_socket(
        EndpointConfig::default(),
        server,
        B::socket(&runtime)?,
        Arc::new(Counted(spawner.clone(), B::new(runtime))),
    )
}

async fn serve<R: Runtime>(spawner: Spawner<R>, endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        let streams = spawner.clone();
        spawner.spawn(async move {
            let Ok(connection) = incoming.await else {
                return;
            };
            while let Ok((mut sender, mut receiver)) = connection.accept_bi().await {
                streams.spawn(async move {
                    let Ok(bytes) = receiver.read_to_end(BYTES).await else {
                        return;
                    };
                    for piece in bytes.chunks(1000) {
                        if sender.write_all(piece).await.is_err() {
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

/// Opens streams one after another, and checks what comes back.
async fn send(connection: Connection, load: Load) {
    loop {
        let Ok((mut sender, mut receiver)) = connection.open_bi().await else {
            return;
        };
        for _ in 0..5 {
            if sender.write_all(&[7; BYTES / 5]).await.is_err() {
                return;
            }
        }
        let _ = sender.finish();
        match receiver.read_to_end(BYTES).await {
            Ok(bytes) if bytes == [7; BYTES] => load.done(),
            // quinn finishes a stream whose sender is dropped, as one is where its task ends with the runtime.
            Ok(bytes) if bytes.iter().all(|&byte| byte == 7) && bytes.len() < BYTES => return,
            Ok(_) => load.fail("a stream came back changed"),
            Err(_) => return,
        }
    }
}

/// Binds quinn's endpoints by the bridge, and counts the tasks that quinn spawns.
pub(crate) trait Bridge: quinn::Runtime + Sized {
    type Runtime: NetRuntime;

    fn new(runtime: Self::Runtime) -> Self;
    fn socket(runtime: &Self::Runtime) -> io::Result<Arc<dyn AsyncUdpSocket>>;
}

impl<R: NetRuntime + OsNet> Bridge for anyrt_quinn::Quinn<R> {
    type Runtime = R;

    fn new(runtime: R) -> Self {
        Self::new(runtime)
    }

    fn socket(runtime: &R) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let socket = runtime.udp_bind(ANY_PORT)?;
        Ok(Arc::new(anyrt_quinn::Socket::new(socket)?))
    }
}

impl<R: NetRuntime> Bridge for anyrt_quinn::PlainQuinn<R> {
    type Runtime = R;

    fn new(runtime: R) -> Self {
        Self::new(runtime)
    }

    fn socket(runtime: &R) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let socket = runtime.udp_bind(ANY_PORT)?;
        Ok(Arc::new(anyrt_quinn::PlainSocket::new(socket)))
    }
}

#[derive(Debug)]
struct Counted<B: Bridge>(Spawner<B::Runtime>, B);

impl<B: Bridge> quinn::Runtime for Counted<B> {
    fn new_timer(&self, deadline: Instant) -> Pin<Box<dyn quinn::AsyncTimer>> {
        self.1.new_timer(deadline)
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn(future);
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        self.1.wrap_udp_socket(socket)
    }

    fn now(&self) -> Instant {
        self.1.now()
    }
}

/// Keys that both sides know.
struct Identity {
    server: ServerConfig,
    client: ClientConfig,
}

fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| make_identity().expect("the keys are made here"))
}

fn make_identity() -> Result<Identity, Box<dyn std::error::Error>> {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = CertificateDer::from(signed.cert);
    let key = PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.clone())?;
    Ok(Identity {
        server: ServerConfig::with_single_cert(vec![certificate], key.into())?,
        client: ClientConfig::with_root_certificates(Arc::new(roots))?,
    })
}
