use std::process::Command;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::{Check, Policy, Sim};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{MS, SECOND, any};

const SEEDS: u64 = 100;
const CHILD: &str = "ANYRT_TEST_PRINT_HASHES";

async fn serve(rt: Sim) {
    let listener = rt.tcp_listen(any(80)).unwrap();
    let datagrams = rt.udp_bind(any(9)).unwrap();
    rt.spawn_detached(async move {
        let mut buf = [0; 64];
        while let Ok((n, from)) = datagrams.recv_from(&mut buf).await {
            let _ = datagrams.send_to(&buf[..n], from).await;
        }
    });
    while let Ok((stream, _)) = listener.accept().await {
        rt.spawn_detached(async move {
            let (mut reader, mut writer) = stream.into_split();
            let _ = anyrt_net::copy(&mut reader, &mut writer).await;
        });
    }
}

async fn ask(rt: Sim) {
    let datagrams = rt.udp_bind(any(0)).unwrap();
    for round in 0..20_u8 {
        let asked = rt.timeout(SECOND, async {
            let mut stream = rt.connect_host("server", 80).await?;
            let peer = stream.peer_addr()?;
            stream.write_all(&[round; 100]).await?;
            datagrams.send_to(&[round], (peer.ip(), 9).into()).await?;
            stream.read_exact(&mut [0; 100]).await
        });
        let _ = asked.await;
        let _ = rt.timeout(5 * MS, datagrams.recv_from(&mut [0; 8])).await;
    }
}

/// A system under faults of every kind.
async fn system(sim: Sim) {
    let network = sim.network();
    network.loss(0.05);
    network.duplication(0.05);
    network.short_io(0.1);
    let server = sim.host("server");
    server.set_clock_drift(300);
    server.restart(serve).detach();
    let clients: Vec<_> = (0..3).map(|i| sim.host(format!("client {i}"))).collect();
    let asking: Vec<_> = clients.iter().map(|client| client.restart(ask)).collect();
    let mut rng = sim.rng();
    for _ in 0..6 {
        sim.sleep(rng.duration(2 * SECOND)).await;
        let client = rng.choose(&clients).unwrap();
        match rng.below(4) {
            0 => server.restart(serve).detach(),
            1 => server.crash(),
            2 => network.partition([client], [&server]),
            _ => network.reset(client, &server),
        }
        sim.sleep(rng.duration(SECOND)).await;
        network.heal_all();
        if !server.is_up() {
            server.restart(serve).detach();
        }
    }
    for task in asking {
        task.await.unwrap();
    }
}

fn hash(seed: u64) -> u64 {
    let policy = if seed % 2 == 0 {
        Policy::Random
    } else {
        Policy::Pct { depth: 3 }
    };
    let rt = Sim::builder().seed(seed).policy(policy).build();
    let sim = rt.handle();
    rt.block_on(system(sim.clone()));
    sim.hash()
}

#[test]
fn two_runs_of_a_seed_take_the_same_course() {
    for seed in 0..4 {
        Check::new().compare(seed, system).unwrap();
    }
}

#[test]
fn a_seed_takes_the_same_course_in_every_process() {
    if std::env::var_os(CHILD).is_some() {
        for seed in 0..SEEDS {
            println!("hash {seed} {:016x}", hash(seed));
        }
        return;
    }
    let run = || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "determinism::a_seed_takes_the_same_course_in_every_process",
                "--nocapture",
            ])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let hashes = text
            .lines()
            .filter_map(|line| line.split_once("hash ").map(|(_, hash)| hash.to_owned()));
        hashes.collect::<Vec<_>>()
    };
    let all = [run(), run(), run()];
    assert_eq!(all[0].len() as u64, SEEDS, "{:?}", all[0]);
    assert!(all[0] == all[1] && all[1] == all[2]);
    let mut distinct: Vec<_> = all[0].iter().map(|line| line.split(' ').nth(1)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len() as u64, SEEDS, "seeds take the same course");
}
