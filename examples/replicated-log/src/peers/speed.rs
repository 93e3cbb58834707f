use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyrt_core::{Launch, prelude::*};
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use futures::io::{AsyncReadExt, AsyncWriteExt};

use super::disk::RamDisk;
use super::runtime::Turmoil;
use crate::log::{Client, Config, Watch, serve};
use crate::search::processor_time;
use crate::workload::Workload;

const PORT: u16 = 7000;
const BYTES: usize = 64;

/// What goes over the connection.
#[derive(Clone, Copy)]
enum Way {
    /// A message there, and one back.
    PingPong,
    /// Messages there.
    OneWay,
}

/// Messages of 64 bytes over one connection, in messages a second of processor time: what is measured, here, and under turmoil.
pub fn speeds(messages: u64) -> Vec<(&'static str, f64, f64)> {
    [("ping-pong", Way::PingPong), ("one way", Way::OneWay)]
        .into_iter()
        .map(|(name, way)| (name, ours(way, messages), turmoils(way, messages)))
        .collect()
}

fn ours(way: Way, messages: u64) -> f64 {
    let owner = Sim::builder().step_limit(u64::MAX).build();
    let sim = owner.handle();
    let (server, client) = (sim.host("server"), sim.host("client"));
    let addr = (server.addr(), PORT).into();
    server.restart(move |rt| answer(rt, addr, way)).detach();
    let begun = processor_time();
    owner.block_on(async {
        let asking = client.restart(move |rt| ask(rt, addr, way, messages));
        asking.await.expect("ends");
    });
    messages as f64 / (processor_time() - begun).as_secs_f64()
}

fn turmoils(way: Way, messages: u64) -> f64 {
    let mut sim = turmoil::Builder::new()
        .rng_seed(0)
        .simulation_duration(Duration::from_secs(1_000_000))
        // The same latency as ours.
        .min_message_latency(Duration::from_micros(500))
        .max_message_latency(Duration::from_millis(2))
        .tcp_capacity(1024)
        .build();
    let addr: SocketAddr = "192.168.0.1:7000".parse().expect("is an address");
    sim.host(addr.ip(), move || async move {
        answer(Turmoil, addr, way).await;
        Ok(())
    });
    // turmoil gives a name an address that may be taken by now.
    sim.client(IpAddr::from([192, 168, 0, 100]), async move {
        ask(Turmoil, addr, way, messages).await;
        Ok(())
    });
    let begun = processor_time();
    sim.run().expect("ends");
    messages as f64 / (processor_time() - begun).as_secs_f64()
}

async fn answer<R: NetRuntime>(rt: R, addr: SocketAddr, way: Way) {
    let listener = rt.tcp_listen(addr).expect("listens");
    let (mut stream, _) = listener.accept().await.expect("accepts");
    let mut buf = [0; BYTES];
    while stream.read_exact(&mut buf).await.is_ok() {
        if let Way::PingPong = way {
            stream.write_all(&buf).await.expect("writes");
        }
    }
    stream.write_all(&buf).await.ok();
}

async fn ask<R: NetRuntime>(rt: R, addr: SocketAddr, way: Way, messages: u64) {
    // The server listens after its first poll.
    rt.sleep(Duration::from_millis(5)).await;
    let mut stream = rt.tcp_connect(addr).await.expect("connects");
    let mut buf = [0; BYTES];
    match way {
        Way::PingPong => {
            for _ in 0..messages / 2 {
                stream.write_all(&buf).await.expect("writes");
                stream.read_exact(&mut buf).await.expect("reads");
            }
        }
        Way::OneWay => {
            for _ in 0..messages {
                stream.write_all(&buf).await.expect("writes");
            }
            stream.close().await.expect("closes");
            // The server has read all.
            stream.read_exact(&mut buf).await.expect("reads");
        }
    }
}

/// The hour of [`hour`](crate::simulated::hour) under turmoil, or as much of it as is said: how many writes and reads were answered.
pub fn hour(lasts: Duration) -> (usize, usize) {
    let watch = Arc::new(Watch::new(|what| panic!("{what}")));
    let mut sim = turmoil::Builder::new()
        .rng_seed(0)
        .simulation_duration(lasts * 2)
        .min_message_latency(Duration::from_micros(500))
        .max_message_latency(Duration::from_millis(2))
        .build();
    let addrs: Vec<SocketAddr> = (1..=5).map(|n| ([192, 168, 0, n], PORT).into()).collect();
    for id in 0..addrs.len() {
        let (addrs, watch) = (addrs.clone(), Arc::clone(&watch));
        sim.host(addrs[id].ip(), move || {
            let mut config = Config::new(id, addrs.clone());
            config.seed = id as u64 + 1;
            let disk = RamDisk::new(Turmoil, config.seed, Duration::from_millis(8));
            let watch = Arc::clone(&watch);
            async move {
                let listener = Turmoil.tcp_listen(config.nodes[id])?;
                Ok(serve(Turmoil, listener, disk, config, watch).await?)
            }
        });
    }
    let is_enough = Arc::new(AtomicBool::new(false));
    for number in 1..=2 {
        let workload = Workload {
            client: number,
            reads: if number == 1 { 15 } else { 6 },
            pause: Duration::from_secs(1),
            seed: number,
            is_enough: Arc::clone(&is_enough),
            rest: 3,
        };
        let (addrs, watch) = (addrs.clone(), Arc::clone(&watch));
        sim.client(
            IpAddr::from([192, 168, 0, 100 + number as u8]),
            async move {
                let client = Client::new(Turmoil, number, addrs, None);
                workload.run(Turmoil, client, &watch).await;
                Ok(())
            },
        );
    }
    while sim.elapsed() < lasts {
        sim.step().expect("goes on");
    }
    is_enough.store(true, Ordering::Relaxed);
    let (_, writes, reads) = watch.totals();
    (writes, reads)
}
