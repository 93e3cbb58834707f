//! What is given back.

use std::time::Duration;

use anyrt_net::prelude::*;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{MOMENT, any, eventually, open_descriptors, pair};
use crate::rule::rules;

rules! { Any + Net;
    /// Sockets close their descriptors when they are dropped.
    ///
    /// Intent: a server that loses one per connection ends after a day.
    ///
    /// If this fails, check who holds the socket: waiters, halves, attempts.
    async fn fds_return(rt) {
        drop(pair(&*rt).await);
        rt.sleep(MOMENT).await;
        let Some(before) = open_descriptors() else { return };
        for _ in 0..50 {
            let (client, server) = pair(&*rt).await;
            let (reader, mut writer) = client.into_split();
            writer.write_all(b"x").await.expect("writes");
            drop(reader);
            let mut server = server;
            server.read_exact(&mut [0; 1]).await.expect("reads");
            let socket = rt.udp_bind(any()).expect("binds");
            let listener = rt.tcp_listen(any()).expect("listens");
            drop(rt.tcp_connect(listener.local_addr().expect("has an address")));
            let _ = rt.timeout(Duration::ZERO, listener.accept()).await;
            let _ = rt.timeout(Duration::ZERO, socket.recv_from(&mut [0; 4])).await;
        }
        eventually(&*rt, "descriptors are given back", || {
            open_descriptors().is_some_and(|now| now <= before)
        }).await;
    }

    /// A task that is cancelled gives its sockets back.
    ///
    /// Intent: cancellation is how servers end connections.
    ///
    /// If this fails, check that a socket is not kept by its reactor or its waker.
    async fn cancelled_task_closes(rt) {
        let (mut client, mut server) = pair(&*rt).await;
        let task = rt.spawn(async move {
            let _ = server.read(&mut [0; 4]).await;
        });
        rt.sleep(MOMENT).await;
        drop(task.abort_on_drop());
        let end = rt.timeout(Duration::from_secs(10), client.read(&mut [0; 4])).await;
        assert_eq!(end.expect("hears of it").expect("is at its end"), 0);
    }

    /// A socket outlives the handle that made it.
    ///
    /// Intent: handles are clones; sockets belong to the runtime.
    ///
    /// If this fails, check that the socket holds what it needs.
    async fn outlives_the_handle(rt) {
        let (mut client, mut server) = {
            let handle = rt.handle();
            pair(&handle).await
        };
        client.write_all(b"x").await.expect("writes");
        assert_eq!(server.read(&mut [0; 4]).await.expect("reads"), 1);
    }

    /// References and pointers to a runtime have its sockets.
    ///
    /// Intent: a library that takes `&R` or `Arc<R>` loses nothing.
    ///
    /// If this fails, check the implementations for pointers.
    async fn pointers_pass_sockets_on(rt) {
        let handle = std::sync::Arc::new(rt.handle());
        let (mut client, mut server) = pair(&handle).await;
        client.write_all(b"x").await.expect("writes");
        assert_eq!(server.read(&mut [0; 4]).await.expect("reads"), 1);
        rt.udp_bind(any()).expect("binds");
        assert_eq!(handle.resolve("127.0.0.1", 1).await.expect("resolves").len(), 1);
    }
}
