//! Errors have the same kind everywhere.

use std::io::ErrorKind;

use anyrt_net::prelude::*;
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{any, pair, refusing};
use crate::rule::rules;

rules! { Any + Net;
    /// Connecting where nobody listens fails with `ConnectionRefused`.
    ///
    /// Intent: clients try again after this error.
    ///
    /// If this fails, check that a socket that became writable is asked for its error.
    async fn refused(rt) {
        let (addr, _kept) = refusing(&*rt).await;
        assert_eq!(rt.tcp_connect(addr).await.expect_err("nobody listens").kind(), ErrorKind::ConnectionRefused);
    }

    /// Binding an address that is in use fails with `AddrInUse`.
    ///
    /// Intent: a server that starts twice must say so.
    ///
    /// If this fails, check which options a bind sets by itself.
    async fn in_use(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let taken = listener.local_addr().expect("has an address");
        assert_eq!(rt.tcp_listen(taken).expect_err("is taken").kind(), ErrorKind::AddrInUse);
        let socket = rt.udp_bind(any()).expect("binds");
        let taken = socket.local_addr().expect("has an address");
        assert_eq!(rt.udp_bind(taken).expect_err("is taken").kind(), ErrorKind::AddrInUse);
    }

    /// Binding an address of another machine fails with `AddrNotAvailable`.
    ///
    /// Intent: a wrong configuration must not look like a busy port.
    ///
    /// If this fails, check that errors of the system pass through unchanged.
    async fn not_ours(rt) {
        let elsewhere = "203.0.113.7:80".parse().expect("an address");
        assert_eq!(rt.tcp_listen(elsewhere).expect_err("is not ours").kind(), ErrorKind::AddrNotAvailable);
        assert_eq!(rt.udp_bind(elsewhere).expect_err("is not ours").kind(), ErrorKind::AddrNotAvailable);
    }

    /// After its peer is gone, a stream fails within a bounded number of writes.
    ///
    /// Intent: a sender must not go on for ever.
    ///
    /// If this fails, check that errors of a write pass through.
    async fn write_to_gone_peer(rt) {
        let (mut client, server) = pair(&*rt).await;
        drop(server);
        assert_eq!(client.read(&mut [0; 4]).await.expect("reads"), 0);
        for _ in 0..2000 {
            if let Err(error) = client.write(b"x").await {
                assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
                return;
            }
            rt.sleep(std::time::Duration::from_millis(1)).await;
        }
        panic!("2000 writes went to a peer that is gone");
    }

    /// A connection that is shut down has no peer: `peer_addr` fails with `NotConnected` once it is gone.
    ///
    /// Intent: code that logs a peer after the end must get an error and no stale address.
    ///
    /// If this fails, check that addresses are asked of the system.
    async fn gone_peer_has_no_address(rt) {
        let (mut client, server) = pair(&*rt).await;
        server.set_zero_linger().expect("has the option");
        drop(server);
        let _ = client.read(&mut [0; 4]).await;
        assert_eq!(client.peer_addr().expect_err("is gone").kind(), ErrorKind::NotConnected);
    }
}
