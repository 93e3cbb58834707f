//! TLS with rustls on both sides, under an authority that the test makes.

#[allow(dead_code, reason = "the calls of the other test")]
mod common;

use std::sync::Arc;
use std::time::Duration;

use anyrt_bridge_testing::on_each_runtime;
use anyrt_hyper::Connector;
use anyrt_net::prelude::*;
use anyrt_tonic::{Channel, Server, client};
use bytes::Bytes;
use futures_rustls::TlsAcceptor;
use hyper_rustls::HttpsConnectorBuilder;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tonic::client::Grpc;
use tonic::{Code, Request};

use common::{Echo, Raw, UNARY};

/// A key for `localhost`, and its certificate.
fn identity() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    (made.cert.der().clone(), key)
}

fn client_config(trusted: &CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn acceptor(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn calls_go_over_tls<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let (certificate, key) = identity();
    let acceptor = acceptor(certificate.clone(), key);
    let server =
        Server::new(rt.clone()).handshake(move |stream: R::TcpStream| acceptor.accept(stream));
    let tracker = server.tracker().clone();
    let serving = rt.spawn(server.serve(listener, Echo::default()));

    let channel = |trusted: &CertificateDer<'static>| {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(client_config(trusted))
            .https_only()
            .enable_http2()
            .wrap_connector(Connector::new(rt.clone()).for_tls());
        Channel::with_client(&rt, origin.parse().unwrap(), client(&rt).build(connector))
    };
    let mut grpc = Grpc::new(channel(&certificate));
    for size in [0, 1, 100_000, 1_000_000] {
        let message = Bytes::from(vec![7; size]);
        grpc.ready().await.unwrap();
        let answer = grpc.unary(Request::new(message.clone()), UNARY, Raw).await;
        assert!(answer.unwrap().into_inner() == message);
    }
    drop(grpc);

    // Another authority is not trusted.
    let (other, _key) = identity();
    let mut grpc = Grpc::new(channel(&other));
    grpc.ready().await.unwrap();
    let answer = grpc.unary(Request::new(Bytes::new()), UNARY, Raw).await;
    assert_eq!(answer.unwrap_err().code(), Code::Unavailable);

    let report = tracker.shutdown(&rt, Duration::from_secs(60)).await;
    assert!(report.is_clean(), "{report}");
    serving.await.unwrap().unwrap();
}

on_each_runtime!(calls_go_over_tls);
