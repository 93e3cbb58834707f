//! When the attempts of `connect_host` begin.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;

use crate::setup::{MS, SECOND};

#[test]
fn each_attempt_has_its_250_ms() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        sim.network().latency(100 * MS..=100 * MS);
        let [refuses, silent, serves, client] =
            ["refuses", "silent", "serves", "client"].map(|name| sim.host(name));
        for host in [&refuses, &silent, &serves] {
            host.add_name("service");
        }
        sim.network().partition([&client], [&silent]);
        let at = ([0, 0, 0, 0], 80).into();
        let _listener = serves.handle().tcp_listen(at).expect("listens");
        let start = sim.now();
        let connected = client.handle().connect_host("service", 80).await;
        connected.expect("the third serves");
        // The first refuses after 200 ms, the second has 250 ms of its own, and the third answers after 200 ms.
        assert!(sim.now() - start >= 650 * MS, "{:?}", sim.now() - start);
    });
}

/// A listener without descriptors, which counts how often it is asked.
#[derive(Debug)]
struct Full(Arc<AtomicUsize>);

impl Listener for Full {
    type Stream = ();
    type Addr = ();
    type Waiter = ();

    fn poll_accept(&self, _: &mut (), _: &mut Context<'_>) -> Poll<std::io::Result<((), ())>> {
        const EMFILE: i32 = 24;
        self.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Err(std::io::Error::from_raw_os_error(EMFILE)))
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
#[test]
fn an_accept_loop_without_descriptors_asks_about_once_a_second() {
    use futures::StreamExt as _;

    let rt = Sim::builder().build();
    let sim = rt.handle();
    let asked = Arc::default();
    let mut incoming = Box::pin(Full(Arc::clone(&asked)).incoming(sim.clone()));
    let end = rt.block_on(sim.timeout(100 * SECOND, incoming.next()));
    assert!(end.is_err(), "it ended, or took a connection");
    let asked = asked.load(Ordering::Relaxed);
    assert!(
        (100..=110).contains(&asked),
        "{asked} times in a hundred seconds"
    );
}
