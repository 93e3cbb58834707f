use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{Listening, MS, Pair, SECOND, any, check, listening, pair};

#[test]
fn latencies_are_drawn_from_the_seed() {
    let took = |seed| {
        let rt = Sim::builder().seed(seed).build();
        let sim = rt.handle();
        rt.block_on(async {
            sim.network().latency(10 * MS..=50 * MS);
            let Pair {
                mut here,
                mut there,
                ..
            } = pair(&sim).await;
            here.write_all(b"x").await.unwrap();
            there.read_exact(&mut [0; 1]).await.unwrap();
        });
        sim.elapsed()
    };
    let mut all: Vec<_> = (0..20).map(took).collect();
    assert!(
        all.iter().all(|&took| took >= 30 * MS && took <= 150 * MS),
        "{all:?}"
    );
    assert_eq!(all[7], took(7));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20);
}

#[test]
fn a_way_of_its_own_is_one_direction() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        sim.network()
            .latency_between(&server, &client, SECOND..=SECOND);
        let start = sim.elapsed();
        here.write_all(b"x").await.unwrap();
        there.read_exact(&mut [0; 1]).await.unwrap();
        assert!(sim.elapsed() - start < 10 * MS);
        there.write_all(b"y").await.unwrap();
        here.read_exact(&mut [0; 1]).await.unwrap();
        assert!(sim.elapsed() - start >= SECOND);
    });
}

#[test]
fn a_slow_link_is_shared_by_its_connections() {
    check(|sim| async move {
        let Listening {
            client,
            server,
            listener,
            addr,
        } = listening(&sim);
        sim.network().bandwidth_between(&client, &server, 100_000);
        let start = sim.elapsed();
        for _ in 0..2 {
            let mut stream = client.handle().tcp_connect(addr).await.unwrap();
            client.handle().spawn_detached(async move {
                stream.write_all(&[7; 100_000]).await.unwrap();
            });
        }
        let mut sum = 0;
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut all = Vec::new();
            sum += stream.read_to_end(&mut all).await.unwrap();
        }
        assert_eq!(sum, 200_000);
        let took = sim.elapsed() - start;
        assert!(took >= 2 * SECOND && took < 3 * SECOND, "{took:?}");
    });
}

#[test]
fn buffers_hold_back_a_writer() {
    check(|sim| async move {
        sim.network().buffer(1000);
        let Pair {
            here, mut there, ..
        } = pair(&sim).await;
        let mut here = here;
        let writer = sim.spawn(async move {
            here.write_all(&[1; 5000]).await.unwrap();
            here
        });
        sim.sleep(SECOND).await;
        assert!(!writer.is_finished());
        there.read_exact(&mut [0; 3100]).await.unwrap();
        let _open = sim
            .timeout(SECOND, writer)
            .await
            .expect("has room")
            .unwrap();
    });
}

#[test]
fn both_ends_of_a_latency_are_drawn() {
    let rt = Sim::builder().seed(3).build();
    let sim = rt.handle();
    rt.block_on(async {
        let (a, b) = (sim.host("a"), sim.host("b"));
        let shortest = std::time::Duration::from_nanos(1000);
        sim.network()
            .latency(shortest..=shortest + std::time::Duration::from_nanos(1));
        let (from, to) = (
            a.handle().udp_bind(any(9)).unwrap(),
            b.handle().udp_bind(any(9)).unwrap(),
        );
        let mut drawn = [0; 2];
        for _ in 0..64 {
            let start = sim.elapsed();
            from.send_to(b"x", (b.addr(), 9).into()).await.unwrap();
            to.recv_from(&mut [0; 8]).await.unwrap();
            drawn[(sim.elapsed() - start - shortest).as_nanos() as usize] += 1;
        }
        assert!(drawn.iter().all(|&times| times > 0), "{drawn:?}");
    });
}
