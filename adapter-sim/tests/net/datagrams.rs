use std::io::ErrorKind;
use std::os::unix::net::SocketAddr as UnixAddr;

use anyrt_core::prelude::*;
use anyrt_net::{UdpOptions, UdpSocket as _, prelude::*};
use anyrt_sim::Sim;
use anyrt_sim::net::UdpSocket;

use crate::setup::{MS, SECOND, any, check};

/// A sender, a receiver that it is connected to, and their network.
async fn sockets(sim: &Sim) -> (UdpSocket, UdpSocket) {
    let receiver = sim.host("receiver");
    let to = (receiver.addr(), 9).into();
    let receiver = receiver.handle().udp_bind(any(9)).unwrap();
    let sender = sim.host("sender").handle().udp_bind(any(0)).unwrap();
    sender.connect(&to).unwrap();
    (sender, receiver)
}

/// Sends numbers and returns those that arrive, in their order.
async fn exchange(sim: &Sim) -> Vec<u8> {
    let (sender, receiver) = sockets(sim).await;
    for i in 0..200_u8 {
        sender.send(&[i]).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut buf = [0; 4];
    while let Ok(received) = sim.timeout(SECOND, receiver.recv_from(&mut buf)).await {
        assert_eq!(received.unwrap(), (1, sender.local_addr().unwrap()));
        seen.push(buf[0]);
    }
    seen
}

fn distinct(seen: &[u8]) -> usize {
    let mut all = seen.to_vec();
    all.sort_unstable();
    all.dedup();
    all.len()
}

#[test]
fn datagrams_are_lost() {
    check(|sim| async move {
        sim.network().loss(0.3);
        let seen = exchange(&sim).await;
        assert_eq!(distinct(&seen), seen.len());
        assert!((100..180).contains(&seen.len()), "{}", seen.len());
    });
}

#[test]
fn datagrams_are_doubled() {
    check(|sim| async move {
        sim.network().duplication(0.2);
        let seen = exchange(&sim).await;
        assert_eq!(distinct(&seen), 200);
        assert!((210..290).contains(&seen.len()), "{}", seen.len());
    });
}

#[test]
fn datagrams_are_reordered_by_chance_and_by_latency() {
    check(|sim| async move {
        sim.network().latency(MS..=MS);
        let seen = exchange(&sim).await;
        assert!(seen.is_sorted() && seen.len() == 200);
        sim.host("receiver").kill();
        sim.network().reordering(0.1);
        let seen = exchange(&sim).await;
        assert!(!seen.is_sorted() && seen.len() == 200);
        sim.host("receiver").kill();
        sim.network().reordering(0.0);
        sim.network().latency(MS..=5 * MS);
        assert!(!exchange(&sim).await.is_sorted());
    });
}

#[test]
fn a_datagram_that_is_larger_than_the_mtu_is_lost() {
    check(|sim| async move {
        sim.network().mtu(1200);
        let (sender, receiver) = sockets(&sim).await;
        assert_eq!(sender.send(&[0; 1201]).await.unwrap(), 1201);
        assert_eq!(sender.send(&[0; 1200]).await.unwrap(), 1200);
        assert_eq!(receiver.recv_from(&mut [0; 2000]).await.unwrap().0, 1200);
    });
}

#[test]
fn a_buffer_that_is_full_loses_what_comes() {
    check(|sim| async move {
        sim.network().datagram_buffer(1000);
        let (sender, receiver) = sockets(&sim).await;
        for _ in 0..20 {
            sender.send(&[0; 100]).await.unwrap();
        }
        sim.sleep(SECOND).await;
        let mut kept = 0;
        while receiver.try_recv_from(&mut [0; 100]).is_ok() {
            kept += 1;
        }
        assert!((2..10).contains(&kept), "{kept}");
    });
}

#[test]
fn a_connected_socket_hears_that_nobody_is_there() {
    check(|sim| async move {
        let (sender, receiver) = sockets(&sim).await;
        drop(receiver);
        sender.send(b"anybody?").await.unwrap();
        let error = sender.recv(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_socket_without_a_peer_does_not_hear_that_nobody_was_there() {
    check(|sim| async move {
        let nobody = (sim.host("nobody").addr(), 9).into();
        let socket = sim.host("sender").handle().udp_bind(any(0)).unwrap();
        socket.send_to(b"anybody?", nobody).await.unwrap();
        sim.sleep(SECOND).await;
        let error = socket.try_recv_from(&mut [0; 8]).unwrap_err();
        // It could not tell of whom it was.
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn both_families_meet_on_one_udp_socket() {
    check(|sim| async move {
        let (server, client) = (sim.host("10.0.0.1"), sim.host("10.0.0.2"));
        server.add_addr("fd00::1".parse().unwrap());
        client.add_addr("fd00::2".parse().unwrap());
        let both = "[::]:9".parse().unwrap();
        let there = server.handle().udp_bind(both).unwrap();
        let mut buf = [0; 8];
        for (local, to, shown) in [
            ("0.0.0.0:0", "10.0.0.1:9", "::ffff:10.0.0.2"),
            ("[::]:0", "[fd00::1]:9", "fd00::2"),
        ] {
            let to = to.parse().unwrap();
            let here = client.handle().udp_bind(local.parse().unwrap()).unwrap();
            here.send_to(b"question", to).await.unwrap();
            let (_, from) = there.recv_from(&mut buf).await.unwrap();
            assert_eq!(from.ip().to_string(), shown, "how the sender is shown");
            // And what is shown is where an answer goes.
            there.send_to(b"answer", from).await.unwrap();
            assert_eq!(here.recv_from(&mut buf).await.unwrap(), (6, to));
        }
    });
}

#[test]
fn a_socket_that_is_connected_forgets_what_others_had_sent() {
    check(|sim| async move {
        let (sender, receiver) = sockets(&sim).await;
        let stranger = sim.host("stranger").handle().udp_bind(any(0)).unwrap();
        let to = sender.peer_addr().unwrap();
        for _ in 0..3 {
            stranger.send_to(b"psst", to).await.unwrap();
            sender.send(b"hello").await.unwrap();
        }
        sim.sleep(SECOND).await;
        receiver.connect(&sender.local_addr().unwrap()).unwrap();
        let mut buf = [0; 8];
        for _ in 0..3 {
            let n = receiver.recv(&mut buf).await.unwrap();
            assert_eq!(&buf[..n], b"hello");
        }
        let nothing = sim.timeout(SECOND, receiver.recv(&mut buf)).await;
        nothing.unwrap_err();
    });
}

#[test]
fn a_message_to_all_reaches_all_and_takes_the_option() {
    check(|sim| async move {
        let sockets: Vec<_> = (1..4)
            .map(|i| {
                sim.host(format!("10.0.0.{i}"))
                    .handle()
                    .udp_bind(any(9))
                    .unwrap()
            })
            .collect();
        let sender = sim.udp_bind(any(0)).unwrap();
        let all = "255.255.255.255:9".parse().unwrap();
        let error = sender.send_to(b"x", all).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        sender
            .set_options(&UdpOptions::new().broadcast(true))
            .unwrap();
        sender.send_to(b"x", all).await.unwrap();
        for socket in sockets {
            assert_eq!(socket.recv_from(&mut [0; 4]).await.unwrap().0, 1);
        }
    });
}

#[test]
fn unix_datagrams_wait_for_room() {
    check(|sim| async move {
        sim.network().datagram_buffer(1000);
        let (one, other) = sim.unix_datagram_pair().unwrap();
        let sending = sim.spawn(async move {
            for i in 0..100_u8 {
                one.send(&[i; 100]).await.unwrap();
            }
        });
        sim.sleep(SECOND).await;
        assert!(!sending.is_finished());
        let mut buf = [0; 100];
        for i in 0..100_u8 {
            assert_eq!(other.recv(&mut buf).await.unwrap(), 100);
            assert_eq!(buf[0], i);
        }
        sending.await.unwrap();
    });
}

fn at(path: &str) -> UnixAddr {
    UnixAddr::from_pathname(path).unwrap()
}

#[test]
fn a_connected_unix_socket_hears_its_peer_alone() {
    check(|sim| async move {
        let [socket, peer, stranger] =
            ["/socket", "/peer", "/stranger"].map(|path| sim.unix_bind(path.as_ref()).unwrap());
        let nameless = sim.unix_unbound().unwrap();
        socket.connect(&at("/peer")).unwrap();
        for other in [&stranger, &nameless, &socket] {
            // As on Linux, the sender is told.
            let sent = other.send_to(b"psst", at("/socket")).await;
            let error = sent.expect_err("a stranger was heard");
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        }
        peer.send_to(b"hello", at("/socket")).await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(socket.recv(&mut buf).await.unwrap(), 5);
        // Whom it hears is not whom it may send to.
        socket.send_to(b"hello", at("/stranger")).await.unwrap();
    });
}

#[test]
fn who_waits_for_room_hears_that_the_receiver_was_connected() {
    check(|sim| async move {
        sim.network().datagram_buffer(1);
        let [socket, peer, stranger] =
            ["/socket", "/peer", "/stranger"].map(|path| sim.unix_bind(path.as_ref()).unwrap());
        stranger.send_to(b"full", at("/socket")).await.unwrap();
        let [peers, strangers] = [peer, stranger]
            .map(|it| sim.spawn(async move { it.send_to(b"late", at("/socket")).await }));
        sim.sleep(SECOND).await;
        assert!(!peers.is_finished() && !strangers.is_finished());
        // What the stranger had sent is gone, and nobody receives anything that would make room.
        socket.connect(&at("/peer")).unwrap();
        let peers = sim.timeout(SECOND, peers).await;
        peers
            .expect("the peer is told of the room")
            .unwrap()
            .unwrap();
        let strangers = sim.timeout(SECOND, strangers).await;
        let error = strangers.expect("the stranger is told").unwrap();
        assert_eq!(error.unwrap_err().kind(), ErrorKind::PermissionDenied);
    });
}

#[test]
fn who_waits_for_room_hears_that_its_own_socket_is_gone() {
    check(|sim| async move {
        sim.network().datagram_buffer(1);
        let host = sim.host("host");
        // The older one is closed first, so that it is not the end of the receiver that is told.
        let here = host.handle().unix_unbound().unwrap();
        let there = host.handle().unix_bind("/there".as_ref()).unwrap();
        here.send_to(b"full", at("/there")).await.unwrap();
        // A task elsewhere holds the socket.
        let waiting = sim.spawn(async move { here.send_to(b"late", at("/there")).await });
        sim.sleep(SECOND).await;
        host.crash();
        let waiting = sim.timeout(SECOND, waiting).await;
        waiting.expect("is told").unwrap().unwrap_err();
        drop(there);
    });
}

#[test]
fn the_file_of_a_unix_socket_of_messages_stays() {
    check(|sim| async move {
        let sender = sim.unix_unbound().unwrap();
        drop(sim.unix_bind("/left".as_ref()).unwrap());
        for (path, kind) in [
            ("/left", ErrorKind::ConnectionRefused),
            ("/never", ErrorKind::NotFound),
        ] {
            let error = sender.send_to(b"x", at(path)).await.unwrap_err();
            assert_eq!(error.kind(), kind, "whether there is a file at {path}");
        }
    });
}
