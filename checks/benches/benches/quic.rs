//! What quinn carries: with its own runtime and with anyrt-quinn's, on tokio and on smol.
//!
//! `cargo bench -p anyrt-benches --features quic --bench quic` prints a table: a stream one way, and small exchanges one after another,
//! in rounds that alternate. `-- --document` writes it to `docs/cost-quic.md` as well.

mod table;

use std::env;
use std::future::Future;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Instant;

use anyrt_core::{Config, Flavor, Launch, prelude::*};
use anyrt_net::prelude::*;
use anyrt_quinn::Quinn;
use quinn::rustls::RootCertStore;
use quinn::rustls::pki_types::PrivatePkcs8KeyDer;
use quinn::{ClientConfig, Endpoint, EndpointConfig, Runtime, ServerConfig};

use table::{Document, Ratio};

const MIB: usize = 1 << 20;
const STREAM: usize = 64 * MIB;
const EXCHANGES: usize = 1_000;
const ROUNDS: usize = 11;

#[derive(Clone, Copy)]
enum Load {
    /// Mebibytes per second, one way.
    Stream,
    /// Streams of 100 bytes there and back, per second.
    Exchanges,
}

fn main() {
    let is_written = env::args().any(|it| it == "--document");
    let mut document = Document::new(
        "What quinn costs through anyrt-quinn",
        "cargo bench -p anyrt-benches --features quic --bench quic -- --document",
        "One connection over loopback, client and server in one thread, with quinn's own `TokioRuntime` and `SmolRuntime` beside \
         `Quinn`. Those two look up the runtime around them, as the ambient forms here do; a handle that carries its current-thread \
         runtime enters it whenever quinn reads the clock, some twenty times an exchange. 64 MiB one way, and streams of 100 bytes that are echoed one after another.",
        &[
            "",
            "native, per second",
            "ours / native, median and quartiles",
        ],
    );
    for (name, load) in [
        ("MiB one way", Load::Stream),
        ("exchanges", Load::Exchanges),
    ] {
        let mut row = |way: &str, native: fn(Load) -> f64, ours: fn(Load) -> f64| {
            let ratio = Ratio::of(ROUNDS, || native(load), || ours(load));
            document.row(&[
                &format!("{way}, {name}"),
                &format!("{:.0}", ratio.native),
                &ratio.to_string(),
            ]);
        };
        row("tokio, ambient", tokio_native, tokio_ambient);
        row("tokio, a handle", tokio_native, tokio_handle);
        row("smol, ambient", smol_native, smol_ambient);
    }
    if is_written {
        document.write("docs/cost-quic.md");
    }
}

fn tokio_native(load: Load) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("tokio starts");
    runtime.block_on(async { carry(Arc::new(quinn::TokioRuntime), load).await })
}

fn smol_native(load: Load) -> f64 {
    // quinn spawns on the threads of smol's own executor: one, as everywhere here.
    smol::block_on(carry(Arc::new(quinn::SmolRuntime), load))
}

fn tokio_ambient(load: Load) -> f64 {
    on_one_thread().block_on(carry(ours(anyrt_tokio::Ambient), load))
}

fn tokio_handle(load: Load) -> f64 {
    let owner = on_one_thread();
    owner.block_on(carry(ours(owner.handle()), load))
}

fn on_one_thread() -> anyrt_tokio::Owned {
    anyrt_tokio::Owned::launch(Config::new().flavor(Flavor::CurrentThread)).expect("tokio starts")
}

fn smol_ambient(load: Load) -> f64 {
    // The global executor as well.
    anyrt_smol::Ambient.block_on(carry(ours(anyrt_smol::Ambient), load))
}

fn ours<R: NetRuntime + OsNet>(rt: R) -> Arc<dyn Runtime> {
    Arc::new(Quinn::new(rt))
}

/// A connection's load, and what was carried per second of it.
async fn carry(runtime: Arc<dyn Runtime>, load: Load) -> f64 {
    let keys = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("keys are made");
    let key = PrivatePkcs8KeyDer::from(keys.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots
        .add(keys.cert.der().clone())
        .expect("it is a certificate");
    let config = ServerConfig::with_single_cert(vec![keys.cert.der().clone()], key.into());
    let server = endpoint(&runtime, Some(config.expect("the keys fit")));
    let addr = server.local_addr().expect("it is bound");
    let mut client = endpoint(&runtime, None);
    client.set_default_client_config(
        ClientConfig::with_root_certificates(Arc::new(roots)).expect("the roots fit"),
    );

    let serving = async {
        let connection = server
            .accept()
            .await
            .expect("one connects")
            .await
            .expect("it is quinn");
        while let Ok((mut sender, mut receiver)) = connection.accept_bi().await {
            match load {
                Load::Stream => {
                    while let Ok(Some(_)) = receiver.read_chunk(MIB, true).await {}
                    sender.write_all(b"done").await.expect("the client listens");
                }
                Load::Exchanges => {
                    let said = receiver.read_to_end(100).await.expect("it is said");
                    sender.write_all(&said).await.expect("the client listens");
                }
            }
            sender.finish().expect("it is open");
        }
    };
    let asking = async {
        let connection = client
            .connect(addr, "localhost")
            .expect("it is a name")
            .await
            .expect("it answers");
        let begun = Instant::now();
        let carried = match load {
            Load::Stream => {
                let (mut sender, mut receiver) = connection.open_bi().await.expect("it is open");
                let piece = vec![7; MIB];
                for _ in 0..STREAM / MIB {
                    sender.write_all(&piece).await.expect("the server listens");
                }
                sender.finish().expect("it is open");
                receiver.read_to_end(4).await.expect("the server answers");
                STREAM / MIB
            }
            Load::Exchanges => {
                for _ in 0..EXCHANGES {
                    let (mut sender, mut receiver) =
                        connection.open_bi().await.expect("it is open");
                    sender
                        .write_all(&[7; 100])
                        .await
                        .expect("the server listens");
                    sender.finish().expect("it is open");
                    assert_eq!(
                        receiver
                            .read_to_end(100)
                            .await
                            .expect("the server answers")
                            .len(),
                        100
                    );
                }
                EXCHANGES
            }
        };
        let per_second = carried as f64 / begun.elapsed().as_secs_f64();
        connection.close(0_u32.into(), b"done");
        per_second
    };
    both(serving, asking).await
}

async fn both(serving: impl Future<Output = ()>, asking: impl Future<Output = f64>) -> f64 {
    futures::join!(serving, asking).1
}

fn endpoint(runtime: &Arc<dyn Runtime>, config: Option<ServerConfig>) -> Endpoint {
    let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port is free");
    Endpoint::new(EndpointConfig::default(), config, socket, runtime.clone())
        .expect("the runtime takes it")
}
