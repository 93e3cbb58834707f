use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use anyrt_sim::net::Faults;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{SECOND, check, echo};

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
            sim.sleep(crate::setup::MS).await;
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
