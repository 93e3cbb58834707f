//! Libraries that take a stream, or nothing at all, on every backend without a bridge.

use std::sync::Arc;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_net::prelude::*;
use async_tungstenite::tungstenite::Message;
use async_tungstenite::{accept_async, client_async};
use asynchronous_codec::{Framed, LinesCodec};
use futures::{AsyncReadExt, AsyncWriteExt, SinkExt, StreamExt, TryStreamExt};
use futures_rustls::{TlsAcceptor, TlsConnector};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, ServerName};
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

async fn tls_takes_a_socket<R: NetRuntime>(rt: R) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();

    let (near, far) = pair(&rt).await;
    let echo = rt.spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(server));
        let mut stream = acceptor.accept(far).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        stream.write_all(&said).await.unwrap();
        stream.close().await.unwrap();
    });
    let connector = TlsConnector::from(Arc::new(client));
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, near).await.unwrap();
    let text = "moin ".repeat(50_000);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.close().await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said == text);
    echo.await.unwrap();
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
