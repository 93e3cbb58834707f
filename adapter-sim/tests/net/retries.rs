//! A program that tries without end fails early, and its report names what it repeats.

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::{Builder, Failure, FailureKind, Sim};

use crate::setup::{MS, SECOND, any, listening};

/// Runs a program on a host called `client` until it fails.
fn failure<F>(builder: Builder, main: impl FnOnce(Sim) -> F) -> Failure
where
    F: Future<Output = ()> + Send + 'static,
{
    let rt = builder.build();
    let sim = rt.handle();
    sim.host("server");
    let client = sim.host("client").restart(main);
    rt.try_block_on(client).expect_err("it tries without end")
}

#[test]
fn a_client_of_a_server_that_was_not_started_fails_long_before_the_limit_of_steps() {
    let failure = failure(Sim::builder(), |rt| async move {
        while rt.connect_host("server", 80).await.is_err() {
            rt.sleep(100 * MS).await;
        }
    });
    assert_eq!(failure.kind(), FailureKind::RetryLimit);
    assert!(failure.steps() < 1_000_000, "{}", failure.steps());
    let message = failure.message();
    for part in [
        "host client tried more than 100000 times in a row to connect to server (192.168.0.1:80)",
        "the last time task #0 client/main, spawned at adapter-sim/tests/net/retries.rs",
        "`Builder::retry_limit` allows more",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn attempts_that_are_given_up_count_as_well() {
    let failure = failure(Sim::builder().retry_limit(50), |rt| async move {
        rt.network()
            .partition([&rt.host("client")], [&rt.host("server")]);
        while rt
            .timeout(SECOND, rt.connect_host("server", 80))
            .await
            .is_err()
        {}
    });
    assert_eq!(failure.kind(), FailureKind::RetryLimit);
    assert!(failure.time() < 60 * SECOND, "{:?}", failure.time());
}

#[test]
fn look_ups_and_paths_count_as_well() {
    let names = failure(Sim::builder().retry_limit(50), |rt| async move {
        while rt.resolve("sever", 80).await.is_err() {}
    });
    assert!(names.message().contains("to resolve `sever`"), "{names}");
    #[cfg(unix)]
    {
        let paths = failure(Sim::builder().retry_limit(50), |rt| async move {
            while rt.unix_connect("/none".as_ref()).await.is_err() {
                rt.sleep(MS).await;
            }
        });
        assert!(paths.message().contains("to connect to /none"), "{paths}");
    }
}

#[test]
fn a_success_begins_the_count_anew_and_places_are_told_apart() {
    let rt = Sim::builder().retry_limit(6).build();
    let sim = rt.handle();
    let two = listening(&sim);
    let client = two.client.handle();
    let (addr, other) = (two.addr, (two.server.addr(), 81).into());
    rt.block_on(async {
        for _ in 0..5 {
            for _ in 0..5 {
                assert!(client.tcp_connect(other).await.is_err());
                drop(client.tcp_connect(addr).await.unwrap());
                drop(two.listener.accept().await);
            }
            let second = two.server.handle().tcp_listen(any(81)).unwrap();
            drop(client.tcp_connect(other).await.unwrap());
            drop(second);
            assert!(client.resolve("none", 1).await.is_err());
        }
    });
}
