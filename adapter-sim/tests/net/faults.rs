use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::Faults;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{MS, SECOND, any, check, echo};

async fn ask(rt: &Sim) -> std::io::Result<()> {
    rt.timeout(SECOND, async {
        let mut stream = rt.connect_host("echor", 80).await?;
        stream.write_all(b"x").await?;
        stream.read_exact(&mut [0; 1]).await
    })
    .await?
}

#[test]
fn a_system_recovers_when_the_faults_stop() {
    let failed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&failed);
    check(move |sim| {
        let count = Arc::clone(&count);
        async move {
            let (client, echor) = (sim.host("client"), sim.host("echor"));
            echor.restart(echo).detach();
            let faults = Faults::wild().host(&client).node(&echor, echo);
            let faults = sim.network().faults(faults);
            let rt = sim.host("client").handle();
            for _ in 0..100 {
                if ask(&rt).await.is_err() {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                sim.sleep(SECOND).await;
            }
            faults.stop();
            sim.sleep(SECOND).await;
            ask(&rt).await.expect("all is well");
        }
    });
    // 800 attempts.
    let failed = failed.load(Ordering::Relaxed);
    assert!((80..760).contains(&failed), "{failed}");
}

/// When and what the faults of a seed are, as the echor's clients see them.
fn faults(seed: u64, draws: u64) -> u64 {
    let rt = Sim::builder().seed(seed).build();
    let sim = rt.handle();
    rt.block_on(async {
        let echor = sim.host("echor");
        echor.restart(echo).detach();
        let profile = Faults::new().crashes(SECOND, SECOND).node(&echor, echo);
        let _running = sim.network().faults(profile);
        for _ in 0..draws {
            sim.rng().u64();
        }
        let mut down = 0;
        for millis in 0..20_000 {
            sim.sleep(MS).await;
            if !echor.is_up() {
                down = (down * 31 + millis) % 1_000_000_007;
            }
        }
        down
    })
}

#[test]
fn faults_are_the_seeds_and_nothing_elses() {
    assert_eq!(faults(1, 0), faults(1, 5));
    assert_ne!(faults(1, 0), faults(2, 0));
}

/// Whether the clock of a host jumps in a hundred seconds.
fn jumps_beside(faults: Faults) -> bool {
    let rt = Sim::builder().seed(1).build();
    let sim = rt.handle();
    rt.block_on(async {
        let host = sim.host("a");
        let running = sim
            .network()
            .faults(faults.clock_jumps(SECOND, SECOND).host(&host));
        let start = host.handle().system_time();
        sim.sleep(100 * SECOND).await;
        running.stop();
        let passed = host.handle().system_time().duration_since(start);
        passed.unwrap_or_default() != 100 * SECOND
    })
}

#[test]
fn a_fault_that_never_comes_takes_nothing_from_the_others() {
    assert!(jumps_beside(Faults::new()));
    assert!(jumps_beside(Faults::new().pauses(Duration::MAX, SECOND)));
}

#[test]
fn a_one_way_partition_leaves_the_other_way_open() {
    let rt = Sim::builder().seed(7).build();
    let sim = rt.handle();
    let heard = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    rt.block_on(async {
        let hosts = [sim.host("a"), sim.host("b")];
        for (n, host) in hosts.iter().enumerate() {
            let (rt, heard, other) = (host.handle(), heard.clone(), hosts[1 - n].addr());
            let talk = async move {
                let socket = rt.udp_bind(any(9)).unwrap();
                loop {
                    socket.send_to(b"x", (other, 9).into()).await.unwrap();
                    while socket.try_recv_from(&mut [0; 8]).is_ok() {
                        heard[n].fetch_add(1, Ordering::Relaxed);
                    }
                    rt.sleep(10 * MS).await;
                }
            };
            host.handle().spawn(talk).detach();
        }
        let faults = Faults::new().one_way_partitions(5 * SECOND, 5 * SECOND);
        let _running = sim.network().faults(faults.host(&hosts[0]).host(&hosts[1]));
        let counts = || heard.each_ref().map(|it| it.load(Ordering::Relaxed));
        let mut one_way = 0;
        for _ in 0..1000 {
            let before = counts();
            sim.sleep(200 * MS).await;
            let after = counts();
            one_way += u32::from((before[0] == after[0]) != (before[1] == after[1]));
        }
        assert!(
            one_way > 50,
            "one way alone was closed {one_way} times of a thousand"
        );
    });
}

#[test]
fn hosts_that_were_paused_go_on_when_the_faults_stop() {
    let mut paused = 0;
    for seed in 0..8 {
        let rt = Sim::builder().seed(seed).build();
        let sim = rt.handle();
        rt.block_on(async {
            let (host, ticks) = (sim.host("a"), Arc::new(AtomicUsize::new(0)));
            let (rt, count) = (host.handle(), ticks.clone());
            let tick = async move {
                loop {
                    rt.sleep(10 * MS).await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            };
            host.handle().spawn(tick).detach();
            let in_a_second = async || {
                let before = ticks.load(Ordering::Relaxed);
                sim.sleep(SECOND).await;
                ticks.load(Ordering::Relaxed) - before
            };
            let faults = Faults::new().pauses(SECOND, 1000 * SECOND);
            let running = sim.network().faults(faults.host(&host));
            sim.sleep(20 * SECOND).await;
            paused += u32::from(in_a_second().await == 0);
            running.stop();
            let after = in_a_second().await;
            assert!(
                after >= 90,
                "{after} ticks in the second after the stop, seed {seed}"
            );
        });
    }
    assert!(paused > 0, "no seed paused the host");
}

#[test]
fn faults_come_as_often_as_was_asked_for_and_at_uneven_distances() {
    let rt = Sim::builder().seed(3).build();
    let sim = rt.handle();
    rt.block_on(async {
        let host = sim.host("a");
        let _running = sim
            .network()
            .faults(Faults::new().clock_jumps(SECOND, SECOND).host(&host));
        let rt = host.handle();
        let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_nanos();
        // It falls behind, or runs ahead, where the clock jumps.
        let distance = || since(rt.system_time()).wrapping_sub(sim.elapsed().as_nanos());
        let (mut last, mut at, mut gaps) = (distance(), sim.elapsed(), Vec::new());
        while sim.elapsed() < 1000 * SECOND {
            sim.sleep(MS).await;
            if distance() != last {
                gaps.push(sim.elapsed() - at);
                (last, at) = (distance(), sim.elapsed());
            }
        }
        assert!(
            (850..1150).contains(&gaps.len()),
            "{} jumps in a thousand seconds",
            gaps.len()
        );
        let (shortest, longest) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(
            *shortest < 200 * MS && *longest > 1800 * MS,
            "{shortest:?} to {longest:?} apart"
        );
    });
}
