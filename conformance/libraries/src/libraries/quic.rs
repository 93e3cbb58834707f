//! quinn: connections with many streams at a time, in both directions.

use std::fmt::{self, Debug};
use std::future::Future;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use anyrt_core::prelude::*;
use anyrt_core::{Instant, Sleep, Timer};
use quinn::{ClientConfig, Connection, Endpoint, EndpointConfig, ServerConfig};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::load::Load;
use crate::sockets::{ANY_PORT, Sockets};
use crate::spawner::Spawner;

const CONNECTIONS: usize = 2;
const STREAMS: usize = 8;
const BYTES: usize = 5000;

/// Starts a server and its clients.
pub(crate) fn start<R: Runtime, S: Sockets>(spawner: &Spawner<R>) -> io::Result<()> {
    let identity = identity();
    let server = endpoint::<R, S>(spawner, Some(identity.server.clone()))?;
    let address = server.local_addr()?;
    spawner.spawn(serve(spawner.clone(), server));
    let mut client = endpoint::<R, S>(spawner, None)?;
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

fn endpoint<R: Runtime, S: Sockets>(
    spawner: &Spawner<R>,
    server: Option<ServerConfig>,
) -> io::Result<Endpoint> {
    let socket = std::net::UdpSocket::bind(ANY_PORT)?;
    Endpoint::new_with_abstract_socket(
        EndpointConfig::default(),
        server,
        S::quic(socket)?,
        Arc::new(Quinn::<R, S>(spawner.clone(), PhantomData)),
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

/// quinn's runtime on one of ours.
struct Quinn<R: Runtime, S>(Spawner<R>, PhantomData<S>);

impl<R: Runtime, S> Debug for Quinn<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quinn").finish_non_exhaustive()
    }
}

impl<R: Runtime, S: Sockets> quinn::Runtime for Quinn<R, S> {
    fn new_timer(&self, deadline: Instant) -> Pin<Box<dyn quinn::AsyncTimer>> {
        let sleep = self.0.runtime.sleep_until(deadline);
        Box::pin(QuinnTimer::<R>(Box::pin(sleep)))
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn(future);
    }

    fn wrap_udp_socket(
        &self,
        socket: std::net::UdpSocket,
    ) -> io::Result<Arc<dyn quinn::AsyncUdpSocket>> {
        S::quic(socket)
    }

    fn now(&self) -> Instant {
        self.0.runtime.now()
    }
}

struct QuinnTimer<R: Timer>(Pin<Box<R::Sleep>>);

impl<R: Timer> Debug for QuinnTimer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<R: Runtime> quinn::AsyncTimer for QuinnTimer<R> {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.0.as_mut().reset(deadline);
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
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
