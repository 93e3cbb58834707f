//! A socket belongs to the runtime of the handle that made it.

use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;

use anyrt_conformance_engine::kit::Patience;
use anyrt_net::prelude::*;
use futures::future::maybe_done;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{any, open_descriptors, pair};
use crate::rule::rules;

/// Runs a future where no runtime is around.
fn elsewhere<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> mpsc::Receiver<T> {
    made_elsewhere(|| future)
}

/// Makes a future where no runtime is around, and runs it there.
pub(super) fn made_elsewhere<T: Send + 'static, F: Future<Output = T>>(
    make: impl FnOnce() -> F + Send + 'static,
) -> mpsc::Receiver<T> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(futures::executor::block_on(make())));
    told
}

/// Waits for the answer of another thread while the runtime goes on.
pub(super) async fn hear<R: NetRuntime, T>(rt: &R, told: &mpsc::Receiver<T>, what: &str) -> T {
    // The other thread's time is real, also where the runtime's is not.
    let patience = Patience::new(Duration::from_secs(10));
    while !patience.is_over() {
        match told.try_recv() {
            Ok(value) => return value,
            Err(TryRecvError::Empty) => rt.sleep(Duration::from_millis(5)).await,
            Err(TryRecvError::Disconnected) => panic!("the other thread failed: {what}"),
        }
    }
    panic!("waited ten seconds: {what}");
}

use std::future::{Future, poll_fn};

rules! { Shared + Net;
    /// A socket works wherever it is polled, also where no runtime is around.
    ///
    /// Intent: futures end up in a `block_on` of somebody else's, and on other runtimes.
    ///
    /// If this fails, check that nothing looks for the runtime around.
    async fn polled_elsewhere(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let told = elsewhere(async move {
            let mut buf = [0; 4];
            let n = server.read(&mut buf).await.expect("reads");
            server.write_all(&buf[..n]).await.expect("writes");
            n
        });
        client.write_all(b"ab").await.expect("writes");
        assert_eq!(hear(&*rt, &told, "the read elsewhere").await, 2);
        let mut buf = [0; 2];
        client.read_exact(&mut buf).await.expect("reads");
        let (socket, handle) = (rt.udp_bind(any()).expect("binds"), rt.handle());
        let told = elsewhere(async move {
            let to = socket.local_addr().expect("address");
            handle.udp_bind(any()).expect("binds elsewhere").send_to(b"x", to).await.expect("sends");
            socket.recv_from(&mut [0; 4]).await.expect("receives").0
        });
        assert_eq!(hear(&*rt, &told, "the receive elsewhere").await, 1);
    }

    /// What a listener accepts belongs to the listener's runtime, wherever it is polled.
    ///
    /// Intent: a listener that is polled by another runtime must not hand that one its connections, or panic.
    ///
    /// If this fails, check that the runtime is entered around the accept.
    async fn accepted_belongs_home(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let handle = rt.handle();
        let told = elsewhere(async move {
            let attempt = handle.tcp_connect(addr);
            let (server, _) = listener.accept().await.expect("accepts elsewhere");
            (server, attempt.await.expect("connects elsewhere"))
        });
        let (mut server, mut client) = hear(&*rt, &told, "the accept elsewhere").await;
        let task = rt.spawn(async move { server.read(&mut [0; 4]).await });
        client.write_all(b"x").await.expect("writes");
        assert_eq!(task.await.expect("joins").expect("reads"), 1);
    }

    /// What a handle makes belongs to the handle's runtime, also where another runtime of its kind is around, and outlives that one.
    ///
    /// Intent: a library that was given a handle is called from an application's own runtime, which may go down first.
    ///
    /// If this fails, check that the handle's runtime is entered around each call and each poll that makes a socket, also where a
    /// runtime is around already.
    async fn made_inside_another_belongs_home(rt: Owned) {
        let (fresh, handle) = (rt.fresh(), rt.handle());
        let home = rt.tcp_listen(any()).expect("listens");
        let addr = home.local_addr().expect("has an address");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let fresh = fresh();
            let mut made = None;
            fresh.owner.block_on(async {
                let (listener, socket) = (handle.tcp_listen(any()).expect("listens"), handle.udp_bind(any()).expect("binds"));
                // It goes on at home: this runtime has nothing that would wake it.
                let mut attempt = Box::pin(maybe_done(handle.tcp_connect(addr)));
                let _ = crate::kit::poll_once(attempt.as_mut());
                made = Some((listener, socket, attempt));
            });
            fresh.owner.shutdown(Duration::from_secs(10));
            let _ = tell.send(made.expect("the future was driven to its end"));
        });
        let (listener, socket, mut attempt) = hear(&*rt, &told, "the other runtime").await;
        attempt.as_mut().await;
        let mut client = attempt.as_mut().take_output().expect("it is over").expect("connects");
        let (mut server, _) = home.accept().await.expect("accepts");
        client.write_all(b"x").await.expect("writes");
        assert_eq!(server.read(&mut [0; 4]).await.expect("reads"), 1);
        let (mut client, mut server) = crate::kit::local_pair(&rt.handle(), &listener).await;
        client.write_all(b"xy").await.expect("writes");
        assert_eq!(server.read(&mut [0; 4]).await.expect("reads"), 2);
        socket.send_to(b"xyz", socket.local_addr().expect("address")).await.expect("sends");
        assert_eq!(socket.recv_from(&mut [0; 4]).await.expect("receives").0, 3);
    }

    /// A socket moves between tasks and runtimes while it is used.
    ///
    /// Intent: a library's background task and its caller may run on two runtimes.
    ///
    /// If this fails, check that wakers are replaced, whatever executor they belong to.
    async fn moves_between_runtimes(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let mut buf = [0; 4];
        assert!(crate::kit::poll_once(server.read(&mut buf)).is_pending());
        let told = elsewhere(async move {
            let n = server.read(&mut [0; 4]).await.expect("reads");
            (server, n)
        });
        client.write_all(b"x").await.expect("writes");
        let (mut server, n) = hear(&*rt, &told, "the read elsewhere").await;
        assert_eq!(n, 1);
        let task = rt.spawn(async move { server.read(&mut [0; 4]).await });
        client.write_all(b"yz").await.expect("writes");
        assert_eq!(task.await.expect("joins").expect("reads"), 2);
    }

    /// After the shutdown of its runtime, no operation of a socket hangs: it fails, or goes on.
    ///
    /// Intent: a program that shuts down must come to its end.
    ///
    /// If this fails, check that waiters are woken when the poller goes.
    async fn shutdown_never_hangs(rt: Owned) {
        let fresh = rt.fresh();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let fresh = fresh();
            let mut streams = None;
            let handle = fresh.rt.clone();
            fresh.owner.block_on(async {
                let listener = handle.tcp_listen(any()).expect("listens");
                streams = Some((crate::kit::local_pair(&handle, &listener).await, listener));
            });
            let ((mut client, mut server), listener) = streams.expect("connected");
            let socket = handle.udp_bind(any()).expect("binds");
            // One waits already as the runtime goes down.
            let (ready, waiting) = mpsc::channel();
            let waiter = thread::spawn(move || {
                futures::executor::block_on(async {
                    let mut buf = [0; 4];
                    let mut read = std::pin::pin!(server.read(&mut buf));
                    let mut waits = false;
                    // The task's waker is in the socket before the other thread goes on: nothing else tells of the end.
                    let _ = poll_fn(|cx| {
                        let end = read.as_mut().poll(cx);
                        if !waits {
                            waits = true;
                            assert!(end.is_pending());
                            ready.send(()).expect("is awaited");
                        }
                        end
                    }).await;
                });
            });
            waiting.recv().expect("waits");
            fresh.owner.shutdown(Duration::from_secs(10));
            futures::executor::block_on(async {
                let addr = listener.local_addr().expect("has an address");
                // On some runtimes the peer has to end it.
                let _ = client.write(b"x").await;
                let attempt = handle.tcp_connect(addr);
                let _ = attempt.await;
                let _ = listener.accept().await;
                let _ = handle.udp_bind(any());
                if let Ok(to) = socket.local_addr() {
                    let _ = socket.send_to(b"x", to).await;
                    let _ = socket.recv_from(&mut [0; 4]).await;
                }
            });
            waiter.join().expect("the waiter ended");
            tell.send(()).expect("is awaited");
        });
        hear(&*rt, &told, "operations after the shutdown").await;
    }

    /// A runtime that goes down with open sockets closes them.
    ///
    /// Intent: peers must hear of the end, and descriptors come back.
    ///
    /// If this fails, check that shutdown drops every task.
    async fn shutdown_drops_sockets(rt: Owned) {
        let fresh = rt.fresh();
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let before = open_descriptors();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let fresh = fresh();
            let handle = fresh.rt.clone();
            let (connected, all) = mpsc::channel();
            for _ in 0..10 {
                let (handle, connected) = (fresh.rt.clone(), connected.clone());
                fresh.rt.spawn_detached(async move {
                    let mut stream = handle.tcp_connect(addr).await.expect("connects");
                    let socket = handle.udp_bind(any()).expect("binds");
                    connected.send(()).expect("is awaited");
                    let (mut one, mut other) = ([0; 4], [0; 4]);
                    let _ = futures::join!(stream.read(&mut one), socket.recv_from(&mut other));
                });
            }
            fresh.owner.block_on(async {
                let mut count = 0;
                while count < 10 {
                    count += all.try_iter().count();
                    handle.sleep(Duration::from_millis(1)).await;
                }
            });
            fresh.owner.shutdown(Duration::from_secs(10));
            tell.send(()).expect("is awaited");
        });
        let mut streams = Vec::new();
        for _ in 0..10 {
            streams.push(listener.accept().await.expect("accepts").0);
        }
        hear(&*rt, &told, "the shutdown").await;
        for mut stream in streams {
            let end = rt.timeout(Duration::from_secs(10), stream.read(&mut [0; 1])).await;
            assert!(matches!(end.expect("hears of the end"), Ok(0) | Err(_)));
        }
        if let Some(before) = before {
            crate::kit::eventually(&*rt, "descriptors are given back", || {
                open_descriptors().is_some_and(|now| now <= before + 4)
            }).await;
        }
    }
}
