//! HTTP/3 on any runtime: h3 over quinn over this bridge. The server says back what it is told.

use std::sync::Arc;

use anyrt_core::{Config, prelude::*};
use anyrt_net::prelude::*;
use anyrt_quinn::Quinn;
use bytes::{Buf, Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Endpoint, EndpointConfig, ServerConfig};
use rustls::pki_types::PrivatePkcs8KeyDer;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How TLS names HTTP/3.
const ALPN: &[u8] = b"h3";

/// Serves every connection until the endpoint is closed.
async fn serve<R: Runtime>(rt: R, endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        let spawner = rt.clone();
        rt.spawn_detached(async move {
            if let Err(error) = serve_connection(spawner, incoming).await {
                eprintln!("a connection ended: {error}");
            }
        });
    }
}

async fn serve_connection<R: Runtime>(rt: R, incoming: quinn::Incoming) -> Result<(), Error> {
    let connection = h3_quinn::Connection::new(incoming.await?);
    let mut connection = h3::server::Connection::<_, Bytes>::new(connection).await?;
    while let Some(resolver) = connection.accept().await? {
        rt.spawn_detached(async move {
            let (request, mut stream) = resolver.resolve_request().await?;
            let mut body = BytesMut::new();
            while let Some(mut piece) = stream.recv_data().await? {
                body.extend_from_slice(&piece.copy_to_bytes(piece.remaining()));
            }
            let status = match request.uri().path() {
                "/echo" => StatusCode::OK,
                _ => StatusCode::NOT_FOUND,
            };
            stream
                .send_response(Response::builder().status(status).body(())?)
                .await?;
            stream.send_data(body.freeze()).await?;
            stream.finish().await?;
            Ok::<(), Error>(())
        });
    }
    Ok(())
}

/// Sends as many requests at a time as there are bodies, over one connection.
async fn ask<R: Runtime>(
    rt: R,
    connection: quinn::Connection,
    bodies: Vec<Bytes>,
) -> Result<Vec<(StatusCode, Bytes)>, Error> {
    let connection = h3_quinn::Connection::new(connection);
    let (mut driver, sender) = h3::client::new(connection).await?;
    let driving = rt.spawn(async move { std::future::poll_fn(|cx| driver.poll_close(cx)).await });
    let requests: Vec<_> = bodies
        .into_iter()
        .map(|body| {
            let mut sender = sender.clone();
            rt.spawn(async move {
                let request = Request::post("https://localhost/echo").body(())?;
                let mut stream = sender.send_request(request).await?;
                stream.send_data(body).await?;
                stream.finish().await?;
                let status = stream.recv_response().await?.status();
                let mut body = BytesMut::new();
                while let Some(mut piece) = stream.recv_data().await? {
                    body.extend_from_slice(&piece.copy_to_bytes(piece.remaining()));
                }
                Ok::<_, Error>((status, body.freeze()))
            })
        })
        .collect();
    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.await??);
    }
    // The connection closes with its last sender.
    drop(sender);
    driving.await?;
    Ok(answers)
}

/// A server, a client, and `count` requests at a time.
pub(crate) async fn exchange<R: NetRuntime + OsNet>(rt: R, count: usize) -> Result<(), Error> {
    let keys = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(keys.signing_key.serialize_der());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(keys.cert.der().clone())?;
    let here = ([127, 0, 0, 1], 0).into();

    let mut tls = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![keys.cert.der().clone()], key.into())?;
    tls.alpn_protocols = vec![ALPN.into()];
    let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    let server = Quinn::new(rt.clone()).endpoint(EndpointConfig::default(), Some(config), here)?;
    let addr = server.local_addr()?;
    rt.spawn_detached(serve(rt.clone(), server.clone()));

    let mut tls = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![ALPN.into()];
    let mut client = Quinn::new(rt.clone()).endpoint(EndpointConfig::default(), None, here)?;
    client.set_default_client_config(ClientConfig::new(Arc::new(QuicClientConfig::try_from(
        tls,
    )?)));
    let connection = client.connect(addr, "localhost")?.await?;
    let bodies: Vec<_> = (0..count)
        .map(|number| Bytes::from(format!("body {number} ").repeat(1000)))
        .collect();
    let answers = ask(rt, connection, bodies.clone()).await?;
    for (sent, (status, heard)) in bodies.into_iter().zip(answers) {
        assert_eq!((status, heard), (StatusCode::OK, sent));
    }
    client.wait_idle().await;
    server.close(0_u32.into(), b"done");
    server.wait_idle().await;
    Ok(())
}

#[allow(dead_code, reason = "a test runs the exchange itself")]
fn main() -> Result<(), Error> {
    let owner = anyrt_smol::Owned::launch(Config::new())?;
    owner.block_on(exchange(owner.handle(), 20))?;
    println!("20 answers over HTTP/3, on smol");
    Ok(())
}
