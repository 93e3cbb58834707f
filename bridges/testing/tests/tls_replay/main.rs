//! TLS in a simulation, to the byte: with a provider whose randomness is the simulation's, a seed sends the same bytes each time.

mod seeded;

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{io, str};

use anyrt_bridge_testing::{repeats, replays, watched};
use anyrt_core::Timer;
use anyrt_net::prelude::*;
use anyrt_sim::{Check, EventKind, Sim};
use futures::io::{AsyncRead, AsyncWrite};
use futures::{AsyncReadExt, AsyncWriteExt};
use futures_rustls::{TlsAcceptor, TlsConnector};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

const PORT: u16 = 443;

/// A key of this test's own, for Ed25519: PKCS #8 around 32 bytes. ECDSA, the default, draws a number for each signature.
fn key() -> PrivatePkcs8KeyDer<'static> {
    let header = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    [&header[..], &[7; 32]].concat().into()
}

fn configs(provider: CryptoProvider) -> (ServerConfig, ClientConfig) {
    let (provider, time) = (Arc::new(provider), Arc::new(seeded::SimTime));
    let pair = KeyPair::try_from(&key()).unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&pair).unwrap().der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let server = ServerConfig::builder_with_details(Arc::clone(&provider), time.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key().into())
        .unwrap();
    let client = ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (server, client)
}

/// A stream that sums up all bytes that pass, both ways.
struct Summed<S> {
    stream: S,
    sum: Arc<Mutex<u64>>,
}

impl<S> Summed<S> {
    fn add(&self, bytes: &[u8]) {
        let mut sum = self.sum.lock().unwrap();
        // FNV-1a.
        *sum = bytes.iter().fold(*sum, |sum, &byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Summed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Poll::Ready(Ok(bytes)) = read {
            self.add(&buf[..bytes]);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Summed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(bytes)) = written {
            self.add(&buf[..bytes]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

async fn serve(rt: Sim, config: Arc<ServerConfig>) {
    let listener = rt.tcp_listen(([0, 0, 0, 0], PORT).into()).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = TlsAcceptor::from(Arc::clone(&config));
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
        stream.close().await.unwrap();
    }
}

/// Three connections, of which the later ones resume the session of the first, and the sum of all their bytes.
async fn echoes(rt: Sim, config: Arc<ClientConfig>) -> u64 {
    let sum = Arc::new(Mutex::new(0xcbf2_9ce4_8422_2325));
    for round in 1..=3 {
        let stream = rt.connect_host("server", PORT).await.unwrap();
        let sum = Arc::clone(&sum);
        let connector = TlsConnector::from(Arc::clone(&config));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, Summed { stream, sum });
        let mut stream = stream.await.unwrap();
        let text = "moin ".repeat(1000 * round);
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.close().await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        assert!(str::from_utf8(&said) == Ok(&text), "it came back changed");
    }
    *sum.lock().unwrap()
}

/// The bytes have a say in the course: its last sleep is as long as their sum.
async fn system(sim: Sim, provider: CryptoProvider) {
    let (server, client) = configs(provider);
    let (server, client) = (Arc::new(server), Arc::new(client));
    sim.host("server")
        .restart(move |rt| serve(rt, server))
        .detach();
    let asking = sim.host("client").restart(move |rt| echoes(rt, client));
    let sum = asking.await.unwrap();
    sim.sleep(Duration::from_nanos(sum >> 8)).await;
}

#[test]
fn a_seed_sends_the_same_bytes_everywhere() {
    watched(|| {
        let seeds = 0..repeats(10, 100) as u64;
        replays("a_seed_sends_the_same_bytes_everywhere", seeds, |sim| {
            system(sim, seeded::provider())
        });
    });
}

/// Without it the bytes differ, and only they: the runs part at the sleep, and not before.
#[test]
fn with_the_systems_randomness_nothing_but_the_bytes_differs() {
    watched(|| {
        let parted = Check::new().compare(1, |sim| {
            system(sim, rustls::crypto::ring::default_provider())
        });
        let parted = parted.expect_err("the system's randomness is in the bytes");
        let (first, second) = (parted.first().unwrap(), parted.second().unwrap());
        // The handshakes and the echoes were before, and the same.
        let kinds = [first.kind(), second.kind()];
        assert_eq!(kinds, [EventKind::Advanced; 2], "{parted}");
        let before = parted.to_string();
        assert!(before.contains("client/main ended"), "{before}");
    });
}
