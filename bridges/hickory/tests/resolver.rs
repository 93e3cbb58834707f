//! hickory's resolver against servers of a few lines, on every backend.

mod server;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_any_runtime, on_each_system_runtime, refusing};
use anyrt_core::{AnyRuntime, Current, prelude::*};
use anyrt_hickory::Hickory;
use anyrt_net::{AnyNet, prelude::*};
use hickory_net::runtime::RuntimeProvider;
use hickory_resolver::Resolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig,
};
use server::{ADDRESSES, Server};

/// Writes each case for the backends with a type, and for `AnyNet` in a task of its own.
macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        mod typed {
            use super::*;

            on_each_system_runtime!($($case),+);

            $(
                async fn $case<R: NetRuntime + Current>(rt: R) {
                    super::$case(rt.clone(), Hickory::new(rt)).await;
                }
            )+
        }

        mod erased {
            use super::*;

            on_each_any_runtime!($($case),+);

            $(
                async fn $case(rt: AnyNet) {
                    let provider: Hickory<AnyNet, AnyRuntime> = Hickory::any(rt.clone());
                    rt.spawn(super::$case(rt.clone(), provider)).await.unwrap();
                }
            )+
        }
    };
}

cases!(
    names_are_looked_up_at_the_same_time,
    a_truncated_answer_comes_by_tcp,
    a_connection_is_used_again,
    a_server_that_is_silent_times_out,
    a_server_that_is_gone_is_passed_over,
);

fn udp(server: SocketAddr) -> ConnectionConfig {
    let mut connection = ConnectionConfig::udp();
    connection.port = server.port();
    connection
}

fn tcp(server: SocketAddr) -> ConnectionConfig {
    let mut connection = ConnectionConfig::tcp();
    connection.port = server.port();
    connection
}

fn resolver<P: RuntimeProvider>(
    provider: P,
    servers: Vec<Vec<ConnectionConfig>>,
    timeout: Duration,
) -> Resolver<P> {
    let localhost = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let servers = servers
        .into_iter()
        .map(|connections| NameServerConfig::new(localhost, true, connections))
        .collect();
    let config = ResolverConfig::from_parts(None, vec![], servers);
    let mut builder = Resolver::builder_with_config(config, provider);
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4Only;
    options.cache_size = 0;
    options.timeout = timeout;
    options.num_concurrent_reqs = 1;
    builder.build().unwrap()
}

/// Longer than a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

async fn names_are_looked_up_at_the_same_time<R: NetRuntime>(
    rt: R,
    provider: impl RuntimeProvider,
) {
    let server = Server::start(&rt);
    let names = Arc::new(resolver(provider, vec![vec![udp(server.addr)]], LONG));
    let lookups: Vec<_> = (0..50)
        .map(|number| {
            let names = Arc::clone(&names);
            rt.spawn(async move {
                let name = format!("name-{number}.test.");
                let found = names.lookup_ip(name.as_str()).await.unwrap();
                assert_eq!(found.iter().collect::<Vec<_>>(), [server::address(0)]);
            })
        })
        .collect();
    for lookup in lookups {
        lookup.await.unwrap();
    }
    assert!(server.asked_by_udp() >= 50);
    assert_eq!(server.asked_by_tcp(), 0);
}

/// The answer has more addresses than a datagram has room for.
async fn a_truncated_answer_comes_by_tcp<R: NetRuntime>(rt: R, provider: impl RuntimeProvider) {
    let server = Server::start(&rt);
    let connections = vec![udp(server.addr), tcp(server.addr)];
    let names = resolver(provider, vec![connections], LONG);
    let found = names.lookup_ip("large.test.").await.unwrap();
    let mut found: Vec<_> = found.iter().collect();
    found.sort();
    let expected: Vec<_> = (0..ADDRESSES).map(server::address).collect();
    assert_eq!(found, expected);
    // hickory asks up to three times by UDP where the answer takes a moment.
    assert!((1..=3).contains(&server.asked_by_udp()));
    assert_eq!(server.asked_by_tcp(), 1);
}

async fn a_connection_is_used_again<R: NetRuntime>(rt: R, provider: impl RuntimeProvider) {
    let server = Server::start(&rt);
    let names = resolver(provider, vec![vec![tcp(server.addr)]], LONG);
    for number in 0..20 {
        let name = format!("name-{number}.test.");
        let found = names.lookup_ip(name.as_str()).await.unwrap();
        assert_eq!(found.iter().next(), Some(server::address(0)));
    }
    assert_eq!((server.asked_by_tcp(), server.connections()), (20, 1));
}

async fn a_server_that_is_silent_times_out<R: NetRuntime>(rt: R, provider: impl RuntimeProvider) {
    // Bound, and never read.
    let silent = rt.udp_bind(server::HERE).unwrap();
    let limit = Duration::from_millis(100);
    let addr = silent.local_addr().unwrap();
    let names = resolver(provider, vec![vec![udp(addr)]], limit);
    let begun = rt.now();
    let error = names.lookup_ip("name.test.").await.unwrap_err();
    assert!(rt.now() - begun >= limit, "{error}");
}

async fn a_server_that_is_gone_is_passed_over<R: NetRuntime>(
    rt: R,
    provider: impl RuntimeProvider,
) {
    let (gone, _kept) = refusing(&rt).await;
    let server = Server::start(&rt);
    let servers = vec![vec![tcp(gone)], vec![tcp(server.addr)]];
    let names = resolver(provider, servers, LONG);
    let found = names.lookup_ip("name.test.").await.unwrap();
    assert_eq!(found.iter().next(), Some(server::address(0)));
}
