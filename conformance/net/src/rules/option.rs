//! Options are honoured, or refused by name.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyrt_net::{ListenOptions, TcpOptions, UdpOptions, prelude::*};

use crate::kit::{MOMENT, any, pair};
use crate::rule::rules;

rules! { Any + Net;
    /// Options of a connection read back as they were set, or are refused by name, also over IPv6. Setting one leaves the others as they
    /// are.
    ///
    /// Intent: an option that is silently ignored is found in production.
    ///
    /// If this fails, check `tcp_connect_with`, `options` and `set_options`.
    async fn option_is_honoured(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let options = TcpOptions::new().nodelay(true).keepalive(Duration::from_secs(77))
            .send_buffer_size(32 * 1024).recv_buffer_size(16 * 1024).local_addr(any());
        let stream = rt.tcp_connect_with(addr, &options).await.expect("connects");
        let got = stream.options().expect("tells");
        assert_eq!(got.nodelay, Some(true));
        assert_eq!(got.keepalive, Some(Duration::from_secs(77)));
        // Systems round up and double, and have a default that is larger.
        let (send, recv) = (got.send_buffer_size.expect("set"), got.recv_buffer_size.expect("set"));
        assert!((32 * 1024..=128 * 1024).contains(&send), "{send}");
        assert!((16 * 1024..=64 * 1024).contains(&recv), "{recv}");
        assert_eq!(got.local_addr, Some(stream.local_addr().expect("has an address")));
        let (server, _) = listener.accept().await.expect("accepts");
        assert_ne!(server.options().expect("tells").nodelay, Some(true));
        server.set_options(&TcpOptions::new().keepalive(Duration::from_secs(99))).expect("sets");
        server.set_options(&TcpOptions::new().nodelay(true)).expect("sets");
        assert_eq!(server.options().expect("tells").keepalive, Some(Duration::from_secs(99)), "another option took it back");
        assert_eq!(server.options().expect("tells").nodelay, Some(true));
        server.set_options(&TcpOptions::new().nodelay(false)).expect("sets");
        assert_eq!(server.options().expect("tells").nodelay, Some(false));

        // Where the system has IPv6.
        let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
        let Ok(listener) = rt.tcp_listen(v6) else { return };
        let addr = listener.local_addr().expect("has an address");
        for round in 0.. {
            let from = rt.tcp_listen(v6).expect("listens").local_addr().expect("has an address");
            match rt.tcp_connect_with(addr, &TcpOptions::new().local_addr(from)).await {
                // The listener may not be gone yet, and the port is free for others.
                Err(error) if error.kind() == ErrorKind::AddrInUse && round < 20 => rt.sleep(MOMENT).await,
                connected => {
                    connected.expect("connects");
                    assert_eq!(listener.accept().await.expect("accepts").1, from);
                    return;
                }
            }
        }
    }

    /// Options of a listener take effect.
    ///
    /// Intent: several processes share a port, or one socket takes both families, by these options.
    ///
    /// If this fails, check that each option is set before the bind.
    async fn listen_option_is_honoured(rt) {
        let shared = ListenOptions::new().reuse_port(true);
        if cfg!(unix) {
            let one = rt.tcp_listen_with(any(), &shared).expect("listens");
            let addr = one.local_addr().expect("has an address");
            let _other = rt.tcp_listen_with(addr, &shared).expect("listens on the same port");
            let refused = rt.tcp_listen(addr).expect_err("did not ask to share");
            assert_eq!(refused.kind(), ErrorKind::AddrInUse);
        }
        let v6 = SocketAddr::from(([0_u16; 8], 0));
        for (only, expected) in [(true, false), (false, true)] {
            let options = ListenOptions::new().only_v6(only);
            let Ok(listener) = rt.tcp_listen_with(v6, &options) else { return };
            let port = listener.local_addr().expect("has an address").port();
            let connected = rt.tcp_connect(([127, 0, 0, 1], port).into()).await;
            assert_eq!(connected.is_ok(), expected, "only_v6({only})");
        }
    }

    /// Options of a UDP socket read back as they were set, and take effect.
    ///
    /// Intent: a buffer that is too small loses messages, and nobody sees why.
    ///
    /// If this fails, check `udp_bind_with`, `options` and `set_options`.
    async fn udp_option_is_honoured(rt) {
        let options = UdpOptions::new().broadcast(true).recv_buffer_size(32 * 1024).send_buffer_size(16 * 1024);
        let socket = rt.udp_bind_with(any(), &options).expect("binds");
        let got = socket.options().expect("tells");
        assert_eq!(got.broadcast, Some(true));
        let (send, recv) = (got.send_buffer_size.expect("set"), got.recv_buffer_size.expect("set"));
        assert!((16 * 1024..=64 * 1024).contains(&send), "{send}");
        assert!((32 * 1024..=128 * 1024).contains(&recv), "{recv}");
        socket.set_options(&UdpOptions::new().broadcast(false)).expect("sets");
        assert_eq!(socket.options().expect("tells").broadcast, Some(false));
        if cfg!(unix) {
            let shared = UdpOptions::new().reuse_port(true);
            let one = rt.udp_bind_with(any(), &shared).expect("binds");
            rt.udp_bind_with(one.local_addr().expect("address"), &shared).expect("binds the same port");
        }
        let silent = rt.udp_bind((Ipv4Addr::UNSPECIFIED, 0).into()).expect("binds");
        silent.send_to(b"x", (Ipv4Addr::BROADCAST, 9).into()).await.expect_err("broadcasts without the option");
        let only_v6 = UdpOptions::new().only_v6(true);
        for round in 0.. {
            let Ok(six) = rt.udp_bind_with((Ipv6Addr::UNSPECIFIED, 0).into(), &only_v6) else { return };
            let port = six.local_addr().expect("address").port();
            match rt.udp_bind((Ipv4Addr::UNSPECIFIED, port).into()) {
                // Somebody else may have the port of IPv4.
                Err(error) if error.kind() == ErrorKind::AddrInUse && round < 20 => {}
                bound => return drop(bound.expect("the port is taken for IPv6 alone")),
            }
        }
    }

    /// An option that cannot be set is refused, and the error names it.
    ///
    /// Intent: callers must learn that an option has no effect.
    ///
    /// If this fails, check that every option that is set is looked at.
    async fn option_is_refused(rt) {
        let (client, _server) = pair(&*rt).await;
        let error = client.set_options(&TcpOptions::new().local_addr(any())).expect_err("is settled");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("local_addr"), "{error}");
        let socket = rt.udp_bind(any()).expect("binds");
        for (options, name) in [
            (UdpOptions::new().reuse_port(true), "reuse_port"),
            (UdpOptions::new().reuse_addr(true), "reuse_addr"),
            (UdpOptions::new().only_v6(true), "only_v6"),
        ] {
            let error = socket.set_options(&options).expect_err("is settled");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
