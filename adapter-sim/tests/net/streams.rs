use std::io::ErrorKind;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::{ListenOptions, TcpOptions, prelude::*};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{Listening, MS, Pair, SECOND, any, check, listening, never, pair};

#[test]
fn an_address_of_nobody_is_unreachable() {
    check(|sim| async move {
        let error = sim
            .tcp_connect("10.9.9.9:80".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HostUnreachable);
    });
}

#[test]
fn an_attempt_through_a_partition_times_out_and_one_after_it_connects() {
    check(|sim| async move {
        let Listening {
            client,
            server,
            listener: _listener,
            addr,
        } = listening(&sim);
        sim.network().partition([&client], [&server]);
        let start = sim.elapsed();
        let error = client.handle().tcp_connect(addr).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(sim.elapsed() - start >= 127 * SECOND);

        let late = client.handle().tcp_connect(addr);
        sim.sleep(2 * SECOND).await;
        sim.network().heal([&client], [&server]);
        // Its system asks again after 1, 3 and 7 seconds.
        sim.timeout(2 * SECOND, late)
            .await
            .expect("asks again")
            .unwrap();
    });
}

#[test]
fn a_stream_goes_on_after_a_partition_when_its_system_tries_again() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        sim.network().partition([&client], [&server]);
        here.write_all(b"held").await.unwrap();
        let mut buf = [0; 8];
        assert!(
            sim.timeout(10 * SECOND, there.read(&mut buf))
                .await
                .is_err()
        );
        sim.network().heal([&client], [&server]);
        let healed = sim.elapsed();
        assert_eq!(there.read(&mut buf).await.unwrap(), 4);
        let took = sim.elapsed() - healed;
        // It was sent again after 0.2, 0.6, 1.4, 3, 6.2 and 12.6 s.
        assert!(took > SECOND && took < 4 * SECOND, "{took:?}");
        // And what comes after it is in time again.
        here.write_all(b"more").await.unwrap();
        assert_eq!(
            sim.timeout(10 * MS, there.read(&mut buf))
                .await
                .unwrap()
                .unwrap(),
            4
        );
    });
}

#[test]
fn a_stream_that_hears_nothing_times_out() {
    check(|sim| async move {
        sim.network().stream_timeout(30 * SECOND);
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        sim.network().partition([&client], [&server]);
        here.write_all(b"lost").await.unwrap();
        let error = here.read(&mut [0; 4]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        // Who only waits hears nothing, also afterwards.
        sim.network().heal([&client], [&server]);
        never(&sim, there.read(&mut [0; 4])).await;
    });
}

#[test]
fn a_one_way_partition_lets_answers_through() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        sim.network().partition_one_way([&client], [&server]);
        there.write_all(b"news").await.unwrap();
        let mut buf = [0; 4];
        sim.timeout(SECOND, here.read_exact(&mut buf))
            .await
            .expect("is open")
            .unwrap();
        here.write_all(b"lost").await.unwrap();
        assert!(
            sim.timeout(SECOND, there.read_exact(&mut buf))
                .await
                .is_err()
        );
        sim.network().heal_all();
        there.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"lost");
    });
}

#[test]
fn what_is_held_arrives_in_order_when_it_is_released() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        here.write_all(b"before ").await.unwrap();
        sim.network().hold([&client], [&server]);
        for word in ["one ", "two ", "three"] {
            here.write_all(word.as_bytes()).await.unwrap();
            sim.sleep(SECOND).await;
        }
        let mut early = [0; 64];
        assert_eq!(there.read(&mut early).await.unwrap(), "before ".len());
        assert!(sim.timeout(SECOND, there.read(&mut early)).await.is_err());
        sim.network().release([&client], [&server]);
        here.close().await.unwrap();
        let mut all = String::new();
        there.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "one two three");
    });
}

#[test]
fn a_writer_that_a_partition_stopped_goes_on_after_it() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        let writer = client.handle().spawn(async move {
            here.write_all(&vec![7; 1 << 20]).await.unwrap();
            here
        });
        sim.sleep(SECOND).await;
        sim.network().partition([&client], [&server]);
        let mut sum = 0;
        let mut buf = vec![0; 4096];
        // What had arrived is read, and nobody hears that it was.
        while let Ok(n) = sim.timeout(SECOND, there.read(&mut buf)).await {
            sum += n.unwrap();
        }
        assert!(sum < 1 << 20 && !writer.is_finished());
        sim.network().heal([&client], [&server]);
        while sum < 1 << 20 {
            sum += there.read(&mut buf).await.unwrap();
        }
        writer.await.unwrap();
    });
}

#[test]
fn a_loss_delays_a_stream_and_breaks_nothing() {
    check(|sim| async move {
        sim.network().loss(0.2);
        sim.network().short_io(0.3);
        let Pair {
            mut here,
            mut there,
            ..
        } = pair(&sim).await;
        let message: Vec<u8> = (0..20_000).map(|i| (i % 251) as u8).collect();
        let (sent, rt) = (message.clone(), sim.clone());
        let writer = sim.spawn(async move {
            for part in sent.chunks(97) {
                here.write_all(part).await.unwrap();
                rt.sleep(MS).await;
            }
            here.close().await.unwrap();
            here
        });
        let mut all = Vec::new();
        there.read_to_end(&mut all).await.unwrap();
        assert!(all == message);
        writer.await.unwrap();
        // The writer takes 0.2 s. Of 207 segments, some are lost twice, which takes 0.6 s more.
        assert!(sim.elapsed() > 6 * SECOND / 10, "nothing was lost");
    });
}

#[test]
fn a_reset_is_told_to_both_ends_at_once() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        sim.network().reset(&client, &server);
        for end in [&mut here, &mut there] {
            let error = end.read(&mut [0; 1]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
    });
}

#[test]
fn what_arrived_before_a_reset_is_read_first() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        here.write_all(b"the last words").await.unwrap();
        sim.sleep(SECOND).await;
        sim.network().reset(&client, &server);
        let mut words = [0; 14];
        there.read_exact(&mut words).await.unwrap();
        assert_eq!(&words, b"the last words");
        let error = there.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_keepalive_notices_a_peer_that_is_gone() {
    check(|sim| async move {
        let Pair {
            server,
            mut here,
            there: _there,
            ..
        } = pair(&sim).await;
        here.set_options(&TcpOptions::new().keepalive(60 * SECOND))
            .unwrap();
        server.crash();
        let start = sim.elapsed();
        let error = here.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        // One probe after a minute, and eight more.
        assert_eq!((sim.elapsed() - start).as_secs(), 60 + 8 * 75);
    });
}

#[test]
fn a_keepalive_is_quiet_while_the_peer_answers() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        here.set_options(&TcpOptions::new().keepalive(SECOND))
            .unwrap();
        sim.network().partition([&client], [&server]);
        sim.sleep(20 * SECOND).await;
        sim.network().heal([&client], [&server]);
        sim.sleep(3600 * SECOND).await;
        there.write_all(b"x").await.unwrap();
        assert_eq!(here.read(&mut [0; 1]).await.unwrap(), 1);
    });
}

#[test]
fn an_option_that_is_not_set_again_stays() {
    check(|sim| async move {
        let Pair { here, .. } = pair(&sim).await;
        let keepalive = TcpOptions::new().keepalive(60 * SECOND);
        here.set_options(&keepalive).unwrap();
        here.set_options(&TcpOptions::new().nodelay(true)).unwrap();
        let options = here.options().unwrap();
        let kept = (options.keepalive, options.nodelay);
        assert_eq!(kept, (Some(60 * SECOND), Some(true)));
    });
}

#[test]
fn ports_run_out_per_peer_and_come_back() {
    check(|sim| async move {
        let Listening {
            client,
            server,
            listener,
            ..
        } = listening(&sim);
        client.set_ephemeral_ports(50_000..50_003);
        let (rt, addr) = (client.handle(), |port| (server.addr(), port).into());
        let _other = server.handle().tcp_listen(any(81)).unwrap();
        let all: Vec<_> = (0..3).map(|_| rt.tcp_connect(addr(80))).collect();
        let error = rt.tcp_connect(addr(80)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
        rt.tcp_connect(addr(81)).await.unwrap();
        drop(all);
        rt.tcp_connect(addr(80)).await.unwrap();
        drop(listener);
    });
}

#[test]
fn descriptors_run_out_and_an_accept_loop_survives_it() {
    check(|sim| async move {
        let Listening {
            client,
            server,
            listener,
            addr,
        } = listening(&sim);
        server.set_descriptor_limit(2);
        let (_one, _two) = (
            client.handle().tcp_connect(addr),
            client.handle().tcp_connect(addr),
        );
        let first = listener.accept().await.unwrap();
        assert_eq!(server.open_sockets(), 2);
        sim.sleep(SECOND).await;
        let error = listener.accept().await.unwrap_err();
        assert!(error.raw_os_error().is_some(), "{error}");
        let mut incoming = std::pin::pin!(listener.incoming(server.handle()));
        let mut next = Box::pin(futures::StreamExt::next(&mut incoming));
        assert!(sim.timeout(SECOND, next.as_mut()).await.is_err());
        drop(first);
        sim.timeout(2 * SECOND, next)
            .await
            .expect("goes on")
            .unwrap()
            .unwrap();
    });
}

#[test]
fn a_full_backlog_delays_by_whole_seconds() {
    check(|sim| async move {
        let server = sim.host("server");
        let options = ListenOptions::new().backlog(1);
        let listener = server.handle().tcp_listen_with(any(80), &options).unwrap();
        let addr = (server.addr(), 80).into();
        let _first = sim.tcp_connect(addr).await.unwrap();
        let second = sim.spawn(sim.tcp_connect(addr));
        sim.sleep(SECOND / 2).await;
        assert!(!second.is_finished());
        listener.accept().await.unwrap();
        second.await.unwrap().unwrap();
        assert!(sim.elapsed() >= SECOND);
    });
}

#[test]
fn a_refusal_by_chance_is_a_refusal() {
    check(|sim| async move {
        let Listening {
            server,
            listener: _listener,
            addr,
            ..
        } = listening(&sim);
        server.set_refusal(1.0);
        let error = sim.tcp_connect(addr).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn both_families_meet_on_one_listener() {
    check(|sim| async move {
        let server = sim.host("10.0.0.1");
        server.add_addr("fd00::1".parse().unwrap());
        let client = sim.host("10.0.0.2");
        client.add_addr("fd00::2".parse().unwrap());
        let listener = server
            .handle()
            .tcp_listen("[::]:80".parse().unwrap())
            .unwrap();
        for (to, from) in [
            ("10.0.0.1:80", "::ffff:10.0.0.2"),
            ("[fd00::1]:80", "fd00::2"),
        ] {
            let connect = client.handle().tcp_connect(to.parse().unwrap());
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer.ip().to_string(), from);
            connect.await.unwrap();
        }
        let old = sim.host("10.0.0.3").handle();
        let error = old
            .tcp_connect("[fd00::1]:80".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
    });
}

#[test]
fn an_attempt_that_is_dropped_leaves_nothing_open() {
    check(|sim| async move {
        let Listening {
            client,
            listener: _listener,
            addr,
            ..
        } = listening(&sim);
        // Of somebody, who has not answered yet, and of nobody.
        for addr in [addr, "10.9.9.9:80".parse().unwrap()] {
            let attempt = client.handle().tcp_connect(addr);
            assert_eq!(client.open_sockets(), 1);
            drop(attempt);
            assert_eq!(client.open_sockets(), 0, "it keeps its descriptor");
        }
    });
}

#[test]
fn nothing_is_left_open() {
    check(|sim| async move {
        for _ in 0..20 {
            let Pair { here, there, .. } = pair(&sim).await;
            let (reader, writer) = here.into_split();
            drop((there, writer, reader));
        }
        sim.sleep(Duration::from_secs(1)).await;
        assert_eq!(
            sim.host("client").open_sockets() + sim.host("server").open_sockets(),
            0
        );
    });
}
