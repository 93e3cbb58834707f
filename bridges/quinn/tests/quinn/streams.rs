//! quinn itself at work on every backend.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_each_system_runtime, repeats, watched};
use anyrt_core::{Config, Flavor, prelude::*};
use anyrt_net::prelude::*;
use anyrt_quinn::{PlainQuinn, PlainSocket, Quinn, Socket};
use quinn::{AsyncUdpSocket, Endpoint, EndpointConfig};

use crate::common::{Bind, HERE, Identity, client, connect, echo, echo_server, server};

mod with_offloads {
    use super::*;

    on_each_system_runtime!(
        fifty_streams_come_back,
        endpoints_do_not_mix,
        an_idle_peer_is_given_up,
        a_socket_of_std_is_taken_over,
    );

    async fn fifty_streams_come_back<R: NetRuntime + OsNet>(rt: R) {
        fifty_streams(rt.clone(), Quinn::new(rt)).await;
    }

    async fn endpoints_do_not_mix<R: NetRuntime + OsNet>(rt: R) {
        many_endpoints(rt.clone(), Quinn::new(rt)).await;
    }

    async fn an_idle_peer_is_given_up<R: NetRuntime + OsNet>(rt: R) {
        idle_peer(rt.clone(), Quinn::new(rt)).await;
    }

    async fn a_socket_of_std_is_taken_over<R: NetRuntime + OsNet>(rt: R) {
        let identity = Identity::new();
        let socket = std::net::UdpSocket::bind(HERE).unwrap();
        let runtime = Arc::new(Quinn::new(rt.clone()));
        let config = EndpointConfig::default();
        let endpoint =
            Endpoint::new(config, Some(identity.server.clone()), socket, runtime).unwrap();
        let addr = endpoint.local_addr().unwrap();
        rt.spawn_detached(echo_server(rt.clone(), endpoint));
        let connection = connect(&client(&Quinn::new(rt), &identity), addr).await;
        echo(&connection, 1, 1000).await;
    }
}

mod plain {
    use super::*;

    on_each_runtime!(
        fifty_streams_come_back,
        endpoints_do_not_mix,
        an_idle_peer_is_given_up,
    );

    async fn fifty_streams_come_back<R: NetRuntime>(rt: R) {
        fifty_streams(rt.clone(), PlainQuinn::new(rt)).await;
    }

    async fn endpoints_do_not_mix<R: NetRuntime>(rt: R) {
        many_endpoints(rt.clone(), PlainQuinn::new(rt)).await;
    }

    async fn an_idle_peer_is_given_up<R: NetRuntime>(rt: R) {
        idle_peer(rt.clone(), PlainQuinn::new(rt)).await;
    }
}

/// Fifty streams at a time on one connection, each of which the server sends back: of 2 MB each where the tests run long.
async fn fifty_streams<R: NetRuntime>(rt: R, quinn: impl Bind) {
    let identity = Identity::new();
    let (server, addr) = server(&quinn, &identity);
    let serving = rt.spawn(echo_server(rt.clone(), server.clone()));
    let client = client(&quinn, &identity);
    let connection = connect(&client, addr).await;
    let length = repeats(40_000, 2_000_000);
    let streams: Vec<_> = (0..50)
        .map(|stream| {
            let connection = connection.clone();
            rt.spawn(async move { echo(&connection, stream, length).await })
        })
        .collect();
    for stream in streams {
        stream.await.unwrap();
    }
    connection.close(0_u32.into(), b"done");
    client.wait_idle().await;
    server.close(0_u32.into(), b"done");
    server.wait_idle().await;
    serving.await.unwrap();
}

/// Three clients talk with three servers at a time.
async fn many_endpoints<R: NetRuntime>(rt: R, quinn: impl Bind) {
    let identity = Identity::new();
    let servers: Vec<_> = (0..3)
        .map(|_| {
            let (server, addr) = server(&quinn, &identity);
            rt.spawn_detached(echo_server(rt.clone(), server));
            addr
        })
        .collect();
    let mut talks = Vec::new();
    for number in 0..3 {
        let client = client(&quinn, &identity);
        for &addr in &servers {
            let client = client.clone();
            talks.push(rt.spawn(async move {
                let connection = connect(&client, addr).await;
                for stream in 0..4 {
                    echo(&connection, number * 10 + stream, 5000).await;
                }
            }));
        }
    }
    for talk in talks {
        talk.await.unwrap();
    }
}

/// A peer that is gone without a word is noticed by quinn's timer alone.
async fn idle_peer<R: NetRuntime>(rt: R, quinn: impl Bind) {
    let limit = Duration::from_millis(300);
    let identity = Identity::with_idle_timeout(limit);
    let (server, addr) = server(&quinn, &identity);
    let accepted = rt.spawn(async move {
        let connection = server.accept().await.unwrap().await.unwrap();
        (server, connection)
    });
    // Before the last word of the peer, whenever that comes.
    let begun = rt.now();
    let connection = connect(&client(&quinn, &identity), addr).await;
    let (_server, accepted) = accepted.await.unwrap();
    let reason = connection.closed().await;
    assert_eq!(reason, quinn::ConnectionError::TimedOut);
    assert!(rt.now() - begun >= limit);
    assert_eq!(accepted.closed().await, quinn::ConnectionError::TimedOut);
}

/// What a runtime spawned for quinn is dropped with it, in the middle of streams.
fn end_under_load<L>(config: Config)
where
    L: Launch<Handle: NetRuntime + OsNet>,
{
    for run in 0..6 {
        let owner = L::launch(config.clone()).unwrap();
        let rt = owner.handle();
        let quinn = Quinn::new(rt.clone());
        let identity = Identity::new();
        let connection = owner.block_on(async {
            let (server, addr) = server(&quinn, &identity);
            rt.spawn_detached(echo_server(rt.clone(), server));
            let connection = connect(&client(&quinn, &identity), addr).await;
            for stream in 0..8 {
                let connection = connection.clone();
                rt.spawn_detached(async move {
                    loop {
                        let Ok((mut sender, mut receiver)) = connection.open_bi().await else {
                            return;
                        };
                        if sender.write_all(&[stream; 5000]).await.is_err() {
                            return;
                        }
                        let _ = sender.finish();
                        let _ = receiver.read_to_end(5000).await;
                    }
                });
            }
            echo(&connection, 0, 5000).await;
            connection
        });
        if run % 2 == 0 {
            drop(owner);
        } else {
            owner.shutdown(Duration::from_secs(5));
        }
        // What is left of it is not driven any more, and can be dropped anywhere.
        connection.close(0_u32.into(), b"late");
        drop(connection);
    }
}

#[test]
fn tokio_ends_under_load() {
    watched(|| end_under_load::<anyrt_tokio::Owned>(Config::new().worker_threads(2)));
}

#[test]
fn tokio_on_one_thread_ends_under_load() {
    watched(|| end_under_load::<anyrt_tokio::Owned>(Config::new().flavor(Flavor::CurrentThread)));
}

#[test]
fn smol_ends_under_load() {
    watched(|| end_under_load::<anyrt_smol::Owned>(Config::new().worker_threads(2)));
}

/// quinn sends as many segments at a time as the socket says.
#[cfg(target_os = "linux")]
#[test]
fn only_the_socket_of_the_system_has_offloads() {
    let owner = anyrt_smol::Owned::launch(Config::new()).unwrap();
    let bind = || owner.handle().udp_bind(HERE).unwrap();
    let fast = Socket::new(bind()).unwrap();
    assert!(fast.max_transmit_segments() > 1);
    assert!(fast.max_receive_segments() > 1);
    assert!(!fast.may_fragment());
    let plain = PlainSocket::new(bind());
    assert_eq!(plain.max_transmit_segments(), 1);
    assert_eq!(plain.max_receive_segments(), 1);
}

#[test]
fn the_plain_runtime_refuses_a_socket_of_std() {
    let owner = anyrt_smol::Owned::launch(Config::new()).unwrap();
    let socket = std::net::UdpSocket::bind(HERE).unwrap();
    let quinn = PlainQuinn::new(owner.handle());
    let error = quinn::Runtime::wrap_udp_socket(&quinn, socket).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("PlainQuinn::endpoint"),
        "{error}"
    );
}
