//! When the attempts of `connect_host` begin.

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;

use crate::setup::MS;

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
