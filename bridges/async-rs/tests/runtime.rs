//! async-rs' traits on every backend with sockets of the system's.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyrt_async_rs::Kit;
use anyrt_bridge_testing::on_each_system_runtime;
use anyrt_core::BlockOn;
use anyrt_net::prelude::*;
use async_rs::Runtime;
use async_rs::traits::{Executor, Reactor};
use futures::StreamExt;
use futures::io::{AsyncReadExt, AsyncWriteExt};

on_each_system_runtime!(
    tasks_and_closures_are_joined,
    a_cancelled_task_is_dropped,
    a_dropped_task_goes_on,
    a_panic_reaches_the_one_that_waits,
    time_passes,
    streams_connect,
    a_foreign_socket_is_registered,
);

async fn tasks_and_closures_are_joined<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let rt = Runtime::new(Kit::new(rt));
    assert_eq!(rt.spawn(async { 42 }).await, 42);
    assert_eq!(rt.spawn_blocking(|| 42).await, 42);
}

async fn a_cancelled_task_is_dropped<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    struct Dropped(Arc<AtomicBool>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    let rt = Runtime::new(Kit::new(rt));
    let is_dropped = Arc::<AtomicBool>::default();
    let held = Dropped(Arc::clone(&is_dropped));
    let mut task = rt.spawn(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    assert_eq!(task.cancel().await, None);
    assert!(is_dropped.load(Ordering::SeqCst));
    // Once more finds nothing to cancel.
    assert_eq!(task.cancel().await, None);
}

async fn a_dropped_task_goes_on<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let rt = Runtime::new(Kit::new(rt));
    let (sender, receiver) = futures::channel::oneshot::channel();
    drop(rt.spawn(async move { sender.send(42).unwrap() }));
    assert_eq!(receiver.await, Ok(42));
}

async fn a_panic_reaches_the_one_that_waits<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let kit = Runtime::new(Kit::new(rt.clone()));
    let task = kit.spawn(async { panic!("on purpose") });
    let error: Result<(), _> = rt.spawn(task).await;
    assert!(error.unwrap_err().to_string().contains("on purpose"));
}

async fn time_passes<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let period = Duration::from_millis(5);
    let begun = rt.now();
    let rt = Runtime::new(Kit::new(rt));
    rt.sleep(period).await;
    let ticks: Vec<_> = rt.interval(period).take(3).collect().await;
    assert_eq!(ticks.len(), 3);
    assert!(ticks[2] - begun >= 3 * period);
}

async fn streams_connect<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let kit = Runtime::new(Kit::new(rt));
    let connect = kit.tcp_connect(addr);
    let (mut client, (mut server, _)) =
        futures::try_join!(connect, async { listener.accept().await }).unwrap();
    client.write_all(b"moin").await.unwrap();
    client.close().await.unwrap();
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"moin");
}

/// A blocking socket of std's, which the kit makes asynchronous.
async fn a_foreign_socket_is_registered<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let kit = Runtime::new(Kit::new(rt));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let mut client = kit.register(client).unwrap();
    // Nothing is there, so that the read waits for the answer.
    let echo = kit.spawn_blocking(move || {
        let mut heard = [0; 4];
        server.read_exact(&mut heard).unwrap();
        server.write_all(&heard).unwrap();
    });
    let mut heard = [0; 4];
    let (read, written) = {
        let (mut reader, mut writer) = (&mut client).split();
        let read = async { reader.read_exact(&mut heard).await };
        let written = async { writer.write_all(b"moin").await };
        futures::join!(read, written)
    };
    read.and(written).unwrap();
    echo.await;
    assert_eq!(&heard, b"moin");
}
