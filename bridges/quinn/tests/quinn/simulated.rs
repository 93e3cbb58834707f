//! quinn on a simulated network that loses datagrams: no socket and no clock of the system's.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyrt_bridge_testing::{repeats, watched};
use anyrt_core::prelude::*;
use anyrt_quinn::PlainQuinn;
use anyrt_sim::Sim;
use quinn::EndpointConfig;

use crate::common::{Identity, connect, echo, echo_server};

const PORT: u16 = 443;

fn on_any_address(port: u16) -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, port).into()
}

async fn streams_come_back(sim: Sim, loss: f64) {
    let network = sim.network();
    // Datagrams that overtake each other look lost, so that a sound network keeps their order.
    let shortest = if loss > 0.0 { 1 } else { 20 };
    network.latency(Duration::from_millis(shortest)..=Duration::from_millis(20));
    network.loss(loss);
    let identity = Identity::new();
    let (server_host, client_host) = (sim.host("server"), sim.host("client"));
    let addr = SocketAddr::new(server_host.addr(), PORT);
    let quinn = PlainQuinn::new(server_host.handle());
    let server = quinn.endpoint(
        EndpointConfig::default(),
        Some(identity.server.clone()),
        on_any_address(PORT),
    );
    let rt = server_host.handle();
    rt.spawn_detached(echo_server(rt.clone(), server.unwrap()));

    let rt = client_host.handle();
    let mut client = PlainQuinn::new(rt.clone())
        .endpoint(EndpointConfig::default(), None, on_any_address(0))
        .unwrap();
    client.set_default_client_config(identity.client.clone());
    let begun = rt.now();
    let connection = connect(&client, addr).await;
    let streams: Vec<_> = (0..10)
        .map(|stream| {
            let connection = connection.clone();
            rt.spawn(async move { echo(&connection, stream, 20_000).await })
        })
        .collect();
    for stream in streams {
        stream.await.unwrap();
    }
    // A handshake and an answer take two ways each at least.
    assert!(rt.now() - begun >= Duration::from_millis(4));
    let lost = connection.stats().path.lost_packets;
    assert_eq!(lost > 0, loss > 0.0, "{lost} packets were lost");
}

fn seeds(loss: f64) {
    for seed in 0..repeats(5, 200) as u64 {
        let simulation = Sim::builder().seed(seed).build();
        simulation.block_on(streams_come_back(simulation.handle(), loss));
    }
}

#[test]
fn streams_come_back_over_a_sound_network() {
    watched(|| seeds(0.0));
}

#[test]
fn streams_come_back_over_a_network_that_loses_a_tenth() {
    watched(|| seeds(0.1));
}

/// A peer whose machine is off the network is given up by quinn's own timer, in virtual time.
#[test]
fn a_partition_ends_the_connection() {
    watched(|| {
        let simulation = Sim::builder().seed(1).build();
        let sim = simulation.handle();
        simulation.block_on(async move {
            let identity = Identity::new();
            let (server_host, client_host) = (sim.host("server"), sim.host("client"));
            let quinn = PlainQuinn::new(server_host.handle());
            let server = quinn.endpoint(
                EndpointConfig::default(),
                Some(identity.server.clone()),
                on_any_address(PORT),
            );
            let rt = server_host.handle();
            rt.spawn_detached(echo_server(rt.clone(), server.unwrap()));
            let rt = client_host.handle();
            let mut client = PlainQuinn::new(rt.clone())
                .endpoint(EndpointConfig::default(), None, on_any_address(0))
                .unwrap();
            client.set_default_client_config(identity.client.clone());
            let connection = connect(&client, SocketAddr::new(server_host.addr(), PORT)).await;
            echo(&connection, 1, 1000).await;
            sim.network().partition([&server_host], [&client_host]);
            let begun = rt.now();
            assert_eq!(connection.closed().await, quinn::ConnectionError::TimedOut);
            // Two minutes, which the test does not wait.
            assert!(rt.now() - begun >= Duration::from_secs(100));
        });
    });
}
