//! How fast the simulated network is, and how much memory it takes: messages in a second of processor time, hosts, and bytes.
//!
//! `cargo run --release -p anyrt-sim --example net_speed`

use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::Sim;
use futures::{AsyncReadExt, AsyncWriteExt};

fn any(port: u16) -> SocketAddr {
    ([0, 0, 0, 0], port).into()
}

fn main() {
    let messages = 1_000_000;
    rate("datagrams, 64 B, in one direction", messages, datagrams);
    rate(
        "datagrams, 64 B, there and back",
        messages,
        echoed_datagrams,
    );
    rate(
        "messages on a stream, 64 B, in one direction",
        messages,
        stream,
    );
    rate(
        "messages on a stream, 64 B, there and back",
        messages,
        echoed_stream,
    );
    hosts();
    memory();
    hour();
}

fn rate<F: Future<Output = ()>>(what: &str, messages: u64, work: fn(Sim, u64) -> F) {
    let rt = Sim::builder().step_limit(u64::MAX).build();
    let sim = rt.handle();
    let start = processor_time();
    rt.block_on(work(sim.clone(), messages));
    let took = processor_time() - start;
    let rate = messages as f64 / took.as_secs_f64() / 1e6;
    println!(
        "{what}: {rate:.2} million a second ({took:.2?}, {} steps)",
        sim.steps()
    );
}

async fn datagrams(sim: Sim, messages: u64) {
    sim.network().datagram_buffer(usize::MAX);
    let receiver = sim.host("receiver");
    let to = (receiver.addr(), 9).into();
    let receiving = receiver.restart(move |rt| async move {
        let socket = rt.udp_bind(any(9)).expect("binds");
        let mut buf = [0; 64];
        for _ in 0..messages {
            socket.recv_from(&mut buf).await.expect("receives");
        }
    });
    sim.sleep(Duration::from_millis(1)).await;
    let sender = sim.udp_bind(any(0)).expect("binds");
    for i in 0..messages {
        sender.send_to(&[0; 64], to).await.expect("sends");
        if i % 100 == 0 {
            // A thousand or two are on their way at a time.
            sim.sleep(Duration::from_micros(100)).await;
        }
    }
    receiving.await.expect("joins");
}

async fn echoed_datagrams(sim: Sim, messages: u64) {
    let receiver = sim.host("receiver");
    let to = (receiver.addr(), 9).into();
    receiver
        .restart(move |rt| async move {
            let socket = rt.udp_bind(any(9)).expect("binds");
            let mut buf = [0; 64];
            loop {
                let (n, from) = socket.recv_from(&mut buf).await.expect("receives");
                socket.send_to(&buf[..n], from).await.expect("sends");
            }
        })
        .detach();
    sim.sleep(Duration::from_millis(1)).await;
    let sender = sim.udp_bind(any(0)).expect("binds");
    let mut buf = [0; 64];
    for _ in 0..messages / 2 {
        sender.send_to(&[0; 64], to).await.expect("sends");
        sender.recv_from(&mut buf).await.expect("receives");
    }
}

async fn stream(sim: Sim, messages: u64) {
    let listener = sim.tcp_listen(any(80)).expect("listens");
    let sending = sim.host("sender").restart(move |rt| async move {
        let mut stream = rt
            .tcp_connect("192.0.2.1:80".parse().expect("an address"))
            .await
            .expect("connects");
        for _ in 0..messages {
            stream.write_all(&[0; 64]).await.expect("writes");
        }
    });
    let (mut stream, _) = listener.accept().await.expect("accepts");
    let mut buf = [0; 64];
    for _ in 0..messages {
        stream.read_exact(&mut buf).await.expect("reads");
    }
    sending.await.expect("joins");
}

async fn echoed_stream(sim: Sim, messages: u64) {
    let listener = sim.tcp_listen(any(80)).expect("listens");
    sim.host("echo")
        .restart(move |rt| async move {
            let addr = "192.0.2.1:80".parse().expect("an address");
            let mut stream = rt.tcp_connect(addr).await.expect("connects");
            let mut buf = [0; 64];
            while stream.read_exact(&mut buf).await.is_ok() {
                stream.write_all(&buf).await.expect("writes");
            }
        })
        .detach();
    let (mut stream, _) = listener.accept().await.expect("accepts");
    let mut buf = [0; 64];
    for _ in 0..messages / 2 {
        stream.write_all(&buf).await.expect("writes");
        stream.read_exact(&mut buf).await.expect("reads");
    }
}

/// The processor time of this process, where the system tells, in hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in parentheses, may hold anything.
    let fields: Vec<_> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse().ok())
            .unwrap_or(0)
    };
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

/// Bytes that this process keeps in memory, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = status.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// A thousand hosts, each with a task, a listener and ten connections to its neighbours.
fn hosts() {
    const HOSTS: u64 = 1000;
    const CONNECTIONS: u64 = 10;
    let before = resident();
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let start = processor_time();
    let tasks: Vec<_> = (0..HOSTS)
        .map(|i| {
            sim.host(format!("n{i}")).restart(move |rt| async move {
                let listener = rt.tcp_listen(any(80)).expect("listens");
                rt.sleep(Duration::from_secs(1)).await;
                let mut held = Vec::new();
                for n in 1..=CONNECTIONS {
                    let next = format!("n{}", (i + n) % HOSTS);
                    let (one, other) =
                        futures::join!(rt.connect_host(&next, 80), listener.accept());
                    held.push((one.expect("connects"), other.expect("accepts").0));
                }
                rt.sleep(Duration::from_secs(60)).await;
                held.len()
            })
        })
        .collect();
    rt.block_on(sim.sleep(Duration::from_secs(30)));
    let took = processor_time() - start;
    if let (Some(before), Some(after)) = (before, resident()) {
        let ends = HOSTS * CONNECTIONS * 2;
        println!(
            "{HOSTS} hosts with a task and a listener each, and {ends} ends of connections: {took:.2?}, {} KiB in all",
            (after - before) / 1024
        );
    }
    rt.block_on(async {
        for task in tasks {
            assert_eq!(task.await.expect("joins"), CONNECTIONS as usize);
        }
    });
}

/// What a host takes, and what a connection.
fn memory() {
    const HOSTS: u64 = 20_000;
    const CONNECTIONS: u64 = 50_000;
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let Some(before) = resident() else { return };
    let hosts: Vec<_> = (0..HOSTS).map(|i| sim.host(format!("n{i}"))).collect();
    let after = resident().unwrap_or(before);
    println!("a host: {} bytes", (after - before) / HOSTS);
    for host in &hosts {
        host.handle().spawn_detached(std::future::pending::<()>());
    }
    sim.run_until_stalled();
    let with_tasks = resident().unwrap_or(after);
    println!("a task that waits: {} bytes", (with_tasks - after) / HOSTS);

    let rt = Sim::builder().build();
    let sim = rt.handle();
    let before = resident().unwrap_or(0);
    let held = rt.block_on(async {
        let listener = sim.tcp_listen(any(80)).expect("listens");
        let mut held = Vec::with_capacity(2 * CONNECTIONS as usize);
        for i in 0..CONNECTIONS {
            let client = sim.host(format!("c{}", i / 10_000)).handle();
            let addr = "192.0.2.1:80".parse().expect("an address");
            let (one, other) = futures::join!(client.tcp_connect(addr), listener.accept());
            held.push(one.expect("connects"));
            held.push(other.expect("accepts").0);
        }
        held
    });
    let after = resident().unwrap_or(0).max(before);
    println!(
        "a connection, both ends with their handles: {} bytes",
        (after - before) / CONNECTIONS
    );
    drop(held);
}

/// Five nodes for a virtual hour: each sends a heartbeat to each other every 100 ms, and a client asks one of them ten times a second.
fn hour() {
    const NODES: u64 = 5;
    let rt = Sim::builder().step_limit(u64::MAX).build();
    let sim = rt.handle();
    let start = processor_time();
    for i in 0..NODES {
        let hosts: Vec<_> = (0..NODES)
            .map(|n| sim.host(format!("n{n}")).addr())
            .collect();
        sim.host(format!("n{i}"))
            .restart(move |rt| async move {
                let socket = rt.udp_bind(any(9)).expect("binds");
                let others: Vec<_> = (0..NODES).filter(|&n| n != i).collect();
                let heart = socket.clone();
                let clock = rt.clone();
                rt.spawn_detached(async move {
                    loop {
                        for &n in &others {
                            let to = (hosts[n as usize], 9).into();
                            heart.send_to(&[0; 64], to).await.expect("sends");
                        }
                        clock.sleep(Duration::from_millis(100)).await;
                    }
                });
                let server = rt.clone();
                rt.spawn_detached(async move {
                    let listener = server.tcp_listen(any(80)).expect("listens");
                    while let Ok((mut stream, _)) = listener.accept().await {
                        server.spawn_detached(async move {
                            let mut buf = [0; 64];
                            while stream.read_exact(&mut buf).await.is_ok() {
                                stream.write_all(&buf).await.expect("writes");
                            }
                        });
                    }
                });
                let mut buf = [0; 64];
                loop {
                    socket.recv_from(&mut buf).await.expect("receives");
                }
            })
            .detach();
    }
    let client = sim.host("client").restart(|rt| async move {
        rt.sleep(Duration::from_millis(10)).await;
        let mut streams = Vec::new();
        for n in 0..NODES {
            let stream = rt.connect_host(&format!("n{n}"), 80).await;
            streams.push(stream.expect("connects"));
        }
        for i in 0..36_000 {
            let stream = &mut streams[i % NODES as usize];
            stream.write_all(&[1; 64]).await.expect("writes");
            stream.read_exact(&mut [0; 64]).await.expect("reads");
            rt.sleep(Duration::from_millis(98)).await;
        }
    });
    rt.block_on(client).expect("joins");
    let heartbeats = NODES * (NODES - 1) * 10 * sim.elapsed().as_secs();
    println!(
        "{NODES} nodes, {:.0?} of virtual time, {heartbeats} heartbeats and 36 000 requests: {:.2?}, {} steps",
        sim.elapsed(),
        processor_time() - start,
        sim.steps()
    );
}
