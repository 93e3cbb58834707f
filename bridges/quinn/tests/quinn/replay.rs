//! quinn on hosts of a simulation that fail: equal seeds take equal courses.

#[path = "../../../testing/tests/tls_replay/seeded.rs"]
mod seeded;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyrt_bridge_testing::{repeats, replays, watched};
use anyrt_core::prelude::*;
use anyrt_quinn::PlainQuinn;
use anyrt_sim::net::Faults;
use anyrt_sim::{Rng, Sim};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, Connection, ConnectionId, ConnectionIdGenerator, Endpoint, EndpointConfig,
    ServerConfig, TimeSource, TransportConfig,
};
use rcgen::{CertificateParams, KeyPair};
use ring::hkdf::{HKDF_SHA256, Prk};
use ring::hmac::{self, HMAC_SHA256};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::version::TLS13;

use crate::common::echo_server;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const PORT: u16 = 443;

/// A key of this test's own, for Ed25519: PKCS #8 around 32 bytes. A signature with it has the same length each time, and a
/// certificate of it the same bytes. ECDSA, the default, has neither.
fn key() -> Vec<u8> {
    let header = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    [&header[..], &[7; 32]].concat()
}

struct Configs {
    server: ServerConfig,
    client: ClientConfig,
}

impl Configs {
    fn new(rt: &Sim) -> Self {
        let key = PrivatePkcs8KeyDer::from(key());
        let pair = KeyPair::try_from(&key).unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&pair).unwrap().der().clone();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let mut transport = TransportConfig::default();
        transport.max_idle_timeout(Some((2 * SECOND).try_into().unwrap()));
        let transport = Arc::new(transport);
        // As quinn makes them, but for the provider and the clock.
        let (provider, time) = (Arc::new(seeded::provider()), Arc::new(seeded::SimTime));
        let mut tls =
            rustls::ServerConfig::builder_with_details(Arc::clone(&provider), time.clone())
                .with_protocol_versions(&[&TLS13])
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate], key.into())
                .unwrap();
        tls.max_early_data_size = u32::MAX;
        let tls = QuicServerConfig::try_from(tls).unwrap();
        let token_key = Prk::new_less_safe(HKDF_SHA256, &drawn::<32>(rt.rng_for("token key")));
        let mut server = ServerConfig::new(Arc::new(tls), Arc::new(token_key));
        server.transport_config(Arc::clone(&transport));
        server.time_source(Arc::new(SimTime(rt.clone())));
        let mut tls = rustls::ClientConfig::builder_with_details(provider, time)
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.enable_early_data = true;
        let tls = QuicClientConfig::try_from(tls).unwrap();
        let mut client = ClientConfig::new(Arc::new(tls));
        client.transport_config(transport);
        let rt = rt.clone();
        client
            .initial_dst_cid_provider(Arc::new(move || ConnectionId::new(&drawn::<20>(rt.rng()))));
        Self { server, client }
    }
}

fn drawn<const N: usize>(mut rng: Rng) -> [u8; N] {
    let mut drawn = [0; N];
    for bytes in drawn.chunks_mut(8) {
        bytes.copy_from_slice(&rng.u64().to_le_bytes()[..bytes.len()]);
    }
    drawn
}

/// The clock by which tokens of addresses grow old.
struct SimTime(Sim);

impl TimeSource for SimTime {
    fn now(&self) -> SystemTime {
        self.0.system_time()
    }
}

/// Connection ids from the seed. A server that was started again gets packets with those that it gave out before, makes keys from them,
/// and decides by what it reads with these.
struct SeededIds(Rng);

impl ConnectionIdGenerator for SeededIds {
    fn generate_cid(&mut self) -> ConnectionId {
        ConnectionId::new(&self.0.u64().to_le_bytes())
    }

    fn cid_len(&self) -> usize {
        8
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

/// What an endpoint draws by itself comes from the seed: packet numbers that are skipped, the order and the padding of transport
/// parameters, a connection's own generator, and connection ids. The key of resets outlives a restart, as a server's should.
fn endpoint_config(rt: &Sim) -> EndpointConfig {
    let reset_key = hmac::Key::new(HMAC_SHA256, &drawn::<64>(rt.rng_for("reset key")));
    let mut config = EndpointConfig::new(Arc::new(reset_key));
    config.rng_seed(Some(drawn(rt.rng())));
    let rt = rt.clone();
    config.cid_generator(move || Box::new(SeededIds(rt.rng())));
    config
}

fn endpoint(rt: &Sim, server: Option<ServerConfig>, port: u16) -> Endpoint {
    PlainQuinn::new(rt.clone())
        .endpoint(
            endpoint_config(rt),
            server,
            (Ipv4Addr::UNSPECIFIED, port).into(),
        )
        .unwrap()
}

async fn serve(rt: Sim) {
    let server = endpoint(&rt, Some(Configs::new(&rt).server), PORT);
    echo_server(rt, server).await;
}

async fn echo(connection: &Connection, length: usize) -> Option<()> {
    let (mut sender, mut receiver) = connection.open_bi().await.ok()?;
    let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
    let send = async {
        sender.write_all(&bytes).await.ok()?;
        sender.finish().ok()
    };
    let receive = async { receiver.read_to_end(length).await.ok() };
    let (sent, received) = futures::join!(send, receive);
    sent?;
    assert!(received? == bytes, "the stream came back changed");
    Some(())
}

/// Some nanoseconds, which the bytes of the handshake decide: both sides' keys, random numbers, parameters and connection ids. So a
/// seed with other bytes takes another course at once.
fn transcript(connection: &Connection) -> Duration {
    let mut exported = [0; 2];
    connection
        .export_keying_material(&mut exported, b"transcript", b"")
        .unwrap();
    Duration::from_nanos(u16::from_le_bytes(exported).into())
}

/// Connects, and sends streams until one fails. Tells how many came back.
async fn ask(rt: Sim, server: SocketAddr) -> u32 {
    let mut client = endpoint(&rt, None, 0);
    client.set_default_client_config(Configs::new(&rt).client);
    let mut echoed = 0;
    for _ in 0..4 {
        let connecting = client.connect(server, "localhost").unwrap();
        if let Ok(connection) = connecting.await {
            rt.sleep(transcript(&connection)).await;
            for length in [100, 20_000] {
                let streams = (0..3).map(|_| echo(&connection, length));
                let streams = futures::future::join_all(streams).await;
                echoed += streams.iter().flatten().count() as u32;
            }
        }
        rt.sleep(200 * MS).await;
    }
    echoed
}

/// Two clients, and a server that is cut off, paused, killed and started again, over a network that loses datagrams.
async fn system(sim: Sim) {
    let network = sim.network();
    network.latency(MS..=10 * MS);
    network.loss(0.02);
    network.duplication(0.02);
    let server = sim.host("server");
    server.restart(serve).detach();
    let addr = SocketAddr::new(server.addr(), PORT);
    let clients = ["one", "two"].map(|name| sim.host(name));
    let mut faults = Faults::new()
        .partitions(3 * SECOND, SECOND)
        .pauses(5 * SECOND, SECOND)
        .crashes(8 * SECOND, SECOND)
        .kills(8 * SECOND, SECOND)
        .node(&server, serve);
    for client in &clients {
        faults = faults.host(client);
    }
    let faults = network.faults(faults);
    let asking = clients
        .iter()
        .map(|client| client.restart(move |rt| ask(rt, addr)));
    let mut echoed = 0;
    for task in asking.collect::<Vec<_>>() {
        echoed += task.await.unwrap();
    }
    faults.stop();
    assert!(echoed > 0, "nothing came back");
}

#[test]
fn a_seed_takes_the_same_course_everywhere() {
    watched(|| {
        let seeds = 0..repeats(5, 100) as u64;
        replays(
            "replay::a_seed_takes_the_same_course_everywhere",
            seeds,
            system,
        );
    });
}
