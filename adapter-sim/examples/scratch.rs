use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use futures::io::{AsyncReadExt, AsyncWriteExt};

/// Adds each number that it is sent, and answers with the sum.
pub async fn serve<R: NetRuntime>(rt: R) -> io::Result<()> {
    let listener = rt.tcp_listen(([0, 0, 0, 0], 7000).into())?;
    let sum = Arc::new(AtomicU32::new(0));
    loop {
        let (mut stream, _) = listener.accept().await?;
        let sum = Arc::clone(&sum);
        rt.spawn_detached(async move {
            let mut number = [0];
            if stream.read_exact(&mut number).await.is_ok() {
                let before = sum.fetch_add(number[0].into(), Ordering::SeqCst);
                let after = before + u32::from(number[0]);
                let _ = stream.write_all(&after.to_be_bytes()).await;
            }
        });
    }
}

/// Adds a number, and tries again until it hears the sum.
pub async fn add<R: NetRuntime>(rt: &R, number: u8) -> u32 {
    let ask = async || {
        let mut stream = rt.connect_host("server", 7000).await?;
        stream.write_all(&[number]).await?;
        let mut sum = [0; 4];
        stream.read_exact(&mut sum).await?;
        io::Result::Ok(u32::from_be_bytes(sum))
    };
    loop {
        match rt.timeout(Duration::from_secs(1), ask()).await {
            Ok(Ok(sum)) => return sum,
            _ => rt.sleep(Duration::from_millis(100)).await,
        }
    }
}
use anyrt_sim::Check;
use anyrt_sim::net::Faults;
async fn five_numbers(sim: anyrt_sim::Sim) {
    let (client, server) = (sim.host("client"), sim.host("server"));
    server.restart(serve).detach();
    let second = Duration::from_secs(1);
    let faults = Faults::new().partitions(second, second).host(&client).host(&server);
    let _faults = sim.network().faults(faults);
    let adding = client.restart(|rt| async move {
        let mut sum = 0;
        for _ in 0..5 {
            rt.sleep(Duration::from_millis(300)).await;
            sum = add(&rt, 1).await;
        }
        sum
    });
    assert_eq!(adding.await.unwrap(), 5, "five numbers were added");
}
fn main() {
    anyrt_sim::check(|sim| async move {
        let (client, server) = (sim.host("client"), sim.host("server"));
        server.restart(serve).detach();
        let sum = client.restart(|rt| async move { add(&rt, 3).await + add(&rt, 4).await });
        assert_eq!(sum.await.unwrap(), 3 + 7);
    });
    let failure = Check::new().find_failure(five_numbers);
    println!("{}", failure.unwrap());
}
