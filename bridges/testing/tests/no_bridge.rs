//! Libraries that take a stream, or nothing at all, on every backend without a bridge.

use std::sync::Arc;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_net::prelude::*;
use async_tungstenite::tungstenite::Message;
use async_tungstenite::{accept_async, client_async};
use asynchronous_codec::{Framed, LinesCodec};
use futures::{AsyncReadExt, AsyncWriteExt, SinkExt, StreamExt, TryStreamExt};
use futures_rustls::{TlsAcceptor, TlsConnector};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

on_each_runtime!(
    tls_takes_a_socket,
    websockets_take_a_socket,
    a_codec_takes_a_socket,
    channels_and_locks_take_nothing,
);

on_simulation!(
    tls_takes_a_socket,
    websockets_take_a_socket,
    a_codec_takes_a_socket,
    channels_and_locks_take_nothing,
);

/// Two ends of one connection.
async fn pair<R: Tcp>(rt: &R) -> (R::TcpStream, R::TcpStream) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let connect = rt.tcp_connect(listener.local_addr().unwrap());
    let (accepted, _) = listener.accept().await.unwrap();
    (connect.await.unwrap(), accepted)
}

/// An authority made for the test, the certificate that it signed for `localhost`, and that one's key.
struct Identity {
    authority: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let signing = KeyPair::generate().unwrap();
        let authority = params.self_signed(&signing).unwrap();
        let issuer = Issuer::from_params(&params, &signing);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &issuer).unwrap();
        Self {
            authority: authority.der().clone(),
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    fn acceptor(self) -> TlsAcceptor {
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate], self.key)
            .unwrap();
        TlsAcceptor::from(Arc::new(server))
    }
}

/// A client that trusts this authority alone.
fn trusting(authority: CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(authority).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(client))
}

async fn tls_takes_a_socket<R: NetRuntime>(rt: R) {
    let identity = Identity::new();
    let connector = trusting(identity.authority.clone());
    let acceptor = identity.acceptor();
    let name = ServerName::try_from("localhost").unwrap();

    let (near, far) = pair(&rt).await;
    let accepted = acceptor.clone().accept(far);
    let echo = rt.spawn(async move {
        let mut stream = accepted.await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
        stream.close().await.unwrap();
    });
    let mut stream = connector.connect(name.clone(), near).await.unwrap();
    let text = "moin ".repeat(50_000);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.close().await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said == text);
    echo.await.unwrap();

    // Who trusts another authority turns the server away, and the server hears of it.
    let (near, far) = pair(&rt).await;
    let accepted = rt.spawn(acceptor.accept(far));
    let stranger = trusting(Identity::new().authority);
    let error = stranger.connect(name, near).await.err().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
    assert!(accepted.await.unwrap().is_err());
}

async fn websockets_take_a_socket<R: NetRuntime>(rt: R) {
    let (near, far) = pair(&rt).await;
    let echo = rt.spawn(async move {
        let mut socket = accept_async(far).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() {
                socket.send(message).await.unwrap();
            }
        }
    });
    let (mut socket, _) = client_async("ws://localhost/", near).await.unwrap();
    for n in 0..100 {
        socket.send(Message::text(format!("{n}"))).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap();
        assert_eq!(answer.into_text().unwrap().as_str(), n.to_string());
    }
    socket.close(None).await.unwrap();
    // The answer to the close, and the end.
    while let Some(Ok(_)) = socket.next().await {}
    echo.await.unwrap();
}

async fn a_codec_takes_a_socket<R: NetRuntime>(rt: R) {
    let (near, far) = pair(&rt).await;
    let writer = rt.spawn(async move {
        let mut lines = Framed::new(far, LinesCodec);
        for n in 0..1000 {
            lines.feed(format!("line {n}\n")).await.unwrap();
        }
        lines.close().await.unwrap();
    });
    let lines: Vec<String> = Framed::new(near, LinesCodec).try_collect().await.unwrap();
    assert_eq!(lines.len(), 1000);
    assert_eq!(lines[999], "line 999\n");
    writer.await.unwrap();
}

async fn channels_and_locks_take_nothing<R: NetRuntime>(rt: R) {
    let (sender, receiver) = async_channel::bounded(1);
    let sum = Arc::new(async_lock::Mutex::new(0));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (receiver, sum) = (receiver.clone(), Arc::clone(&sum));
            rt.spawn(async move {
                while let Ok(n) = receiver.recv().await {
                    *sum.lock().await += n;
                }
            })
        })
        .collect();
    for n in 1..=100 {
        sender.send(n).await.unwrap();
    }
    drop(sender);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(*sum.lock().await, 5050);
}
