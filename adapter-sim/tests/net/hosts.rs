use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use anyrt_core::prelude::*;
use anyrt_net::{SignalKind, prelude::*};
use anyrt_sim::{Ambient, Sim};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{MS, Pair, SECOND, any, check, never, pair};

#[test]
fn what_a_task_of_a_host_makes_is_the_hosts() {
    check(|sim| async move {
        let server = sim.host("server");
        let outer = sim.clone();
        let task = server.restart(move |_| async move {
            // Through the ambient form, and through a handle that has no host of its own.
            let listener = Ambient.tcp_listen(any(80)).unwrap();
            let task = outer.spawn(async { Ambient.udp_bind(any(9)).unwrap() });
            (listener, task.await.unwrap())
        });
        let held = task.await.unwrap();
        assert_eq!(server.open_sockets(), 2);
        sim.tcp_connect((server.addr(), 80).into()).await.unwrap();
        drop(held);
        // The address is the server's, so the test's own host cannot bind it.
        let error = sim.tcp_listen((server.addr(), 80).into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    });
}

#[test]
fn loopback_and_unix_sockets_stay_inside_a_host() {
    check(|sim| async move {
        let (one, other) = (sim.host("one").handle(), sim.host("other").handle());
        let path = std::path::Path::new("/run/server.sock");
        let _listener = one.unix_listen(path).unwrap();
        one.unix_connect(path).await.unwrap();
        let error = other.unix_connect(path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let _listener = one.tcp_listen(([127, 0, 0, 1], 80).into()).unwrap();
        one.tcp_connect(([127, 0, 0, 1], 80).into()).await.unwrap();
        for addr in [
            ([127, 0, 0, 1], 80).into(),
            (sim.host("one").addr(), 80).into(),
        ] {
            let error = other.tcp_connect(addr).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        }
    });
}

#[test]
fn a_crash_drops_tasks_without_another_poll() {
    struct OnDrop(Arc<AtomicUsize>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            // What a destructor spawns belongs to a host that is down.
            Ambient.spawn_detached(async { panic!("ran after the crash") });
        }
    }
    check(|sim| async move {
        let (polls, drops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let host = sim.host("host");
        for _ in 0..3 {
            let (polls, on_drop) = (Arc::clone(&polls), OnDrop(Arc::clone(&drops)));
            let rt = host.handle();
            host.handle().spawn_detached(async move {
                let _on_drop = on_drop;
                loop {
                    polls.fetch_add(1, Ordering::SeqCst);
                    rt.sleep(MS).await;
                }
            });
        }
        sim.sleep(10 * MS).await;
        let before = polls.load(Ordering::SeqCst);
        host.crash();
        assert_eq!(drops.load(Ordering::SeqCst), 3);
        let task = host.handle().spawn(async {});
        assert!(task.await.unwrap_err().is_cancelled());
        sim.sleep(SECOND).await;
        assert_eq!(polls.load(Ordering::SeqCst), before);
        assert_eq!(host.open_sockets(), 0);
    });
}

#[test]
fn a_crashed_host_answers_nothing_and_a_killed_process_refuses() {
    check(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            there: _there,
            ..
        } = pair(&sim).await;
        let addr = (server.addr(), 80).into();
        sim.network().connect_timeout(20 * SECOND);
        server.crash();
        let attempt = client.handle().tcp_connect(addr).await;
        assert_eq!(attempt.unwrap_err().kind(), ErrorKind::TimedOut);
        never(&sim, here.read(&mut [0; 1])).await;

        server.restart(|_| async {}).detach();
        let attempt = client.handle().tcp_connect(addr).await;
        assert_eq!(attempt.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_write_to_a_crashed_host_is_answered_when_it_is_up_again() {
    check(|sim| async move {
        let Pair {
            server,
            mut here,
            there: _there,
            ..
        } = pair(&sim).await;
        server.crash();
        here.write_all(b"still there?").await.unwrap();
        let mut buf = [0; 1];
        assert!(sim.timeout(10 * SECOND, here.read(&mut buf)).await.is_err());
        server.restart(|_| async {}).detach();
        let error = here.read(&mut buf).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_killed_process_ends_its_connections() {
    check(|sim| async move {
        let server = sim.host("server");
        server
            .restart(|rt| async move {
                let listener = rt.tcp_listen(any(80)).unwrap();
                let _held = listener.accept().await.unwrap();
                std::future::pending::<()>().await
            })
            .detach();
        sim.sleep(MS).await;
        let mut stream = sim.tcp_connect((server.addr(), 80).into()).await.unwrap();
        sim.sleep(MS).await;
        server.kill();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
        assert!(server.is_up());
    });
}

#[test]
fn a_host_that_crashes_itself_is_gone_at_its_next_wait() {
    check(|sim| async move {
        let host = sim.host("host");
        let itself = host.clone();
        let task = host.restart(move |rt| async move {
            itself.crash();
            rt.sleep(SECOND).await;
            panic!("went on");
        });
        let task: Result<(), _> = task.await;
        assert!(task.unwrap_err().is_cancelled());
        assert!(!host.is_up());
    });
}

#[test]
fn a_paused_host_receives_and_does_nothing() {
    check(|sim| async move {
        let server = sim.host("server");
        let echo = server.restart(|rt| async move {
            let listener = rt.tcp_listen(any(80)).unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buf = [0; 4];
            stream.read_exact(&mut buf).await.unwrap();
            stream.write_all(&buf).await.unwrap();
            stream
        });
        sim.sleep(MS).await;
        server.pause();
        let mut stream = sim.tcp_connect((server.addr(), 80).into()).await.unwrap();
        stream.write_all(b"moin").await.unwrap();
        let mut buf = [0; 4];
        assert!(
            sim.timeout(60 * SECOND, stream.read(&mut buf))
                .await
                .is_err()
        );
        assert!(!echo.is_finished());
        server.resume();
        stream.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"moin");
    });
}

#[test]
fn a_paused_host_can_be_killed() {
    check(|sim| async move {
        let host = sim.host("host");
        let task = host.restart(|rt| async move { rt.sleep(SECOND).await });
        host.pause();
        sim.sleep(2 * SECOND).await;
        host.kill();
        assert!(task.await.unwrap_err().is_cancelled());
        host.restart(|rt| async move { rt.sleep(SECOND).await })
            .await
            .unwrap();
    });
}

#[test]
fn a_task_of_a_paused_host_ends_when_it_is_aborted() {
    check(|sim| async move {
        let host = sim.host("host");
        // One that was woken while the host is paused, and one that waits.
        let mut woken = host.restart(|rt| async move { rt.sleep(MS).await });
        let mut waiting = host.handle().spawn(std::future::pending::<()>());
        let mut local = host.handle().spawn_local(std::future::pending::<()>());
        sim.sleep(MS / 2).await;
        host.pause();
        sim.sleep(SECOND).await;
        assert!(!woken.is_finished());
        woken.abort();
        waiting.abort();
        local.abort();
        for ended in [sim.timeout(MS, woken).await, sim.timeout(MS, waiting).await] {
            assert!(ended.expect("ends at once").unwrap_err().is_cancelled());
        }
        let ended = sim.timeout(MS, local).await;
        assert!(ended.expect("ends at once").unwrap_err().is_cancelled());
        host.resume();
        sim.sleep(MS).await;
    });
}

#[test]
fn names_resolve_late_or_fail() {
    check(|sim| async move {
        sim.host("10.0.0.1").add_name("db");
        sim.network().dns_delay(SECOND..=SECOND);
        let start = sim.elapsed();
        let found = sim.resolve("db", 5432).await.unwrap();
        assert_eq!(found, ["10.0.0.1:5432".parse().unwrap()]);
        assert_eq!(sim.elapsed() - start, SECOND);
        sim.network().dns_failure(1.0);
        let error = sim.resolve("db", 5432).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("`db`"), "{error}");
        sim.resolve("localhost", 1).await.unwrap();
    });
}

#[test]
fn a_signal_reaches_every_subscription_of_its_host_and_is_one() {
    check(|sim| async move {
        let (one, other) = (sim.host("one"), sim.host("other"));
        let [mut first, mut second] =
            [(); 2].map(|()| one.handle().signals(SignalKind::Hangup).unwrap());
        let mut elsewhere = other.handle().signals(SignalKind::Hangup).unwrap();
        one.signal(SignalKind::Hangup);
        one.signal(SignalKind::Hangup);
        for signals in [&mut first, &mut second] {
            futures::StreamExt::next(signals).await.unwrap().unwrap();
            never(&sim, futures::StreamExt::next(signals)).await;
        }
        never(&sim, futures::StreamExt::next(&mut elsewhere)).await;
    });
}

#[test]
fn a_signal_wakes_who_asked_for_it_last() {
    check(|sim| async move {
        let host = sim.host("host");
        let mut signals = host.handle().signals(SignalKind::User1).unwrap();
        let mut cx = Context::from_waker(Waker::noop());
        let early = futures::StreamExt::poll_next_unpin(&mut signals, &mut cx);
        assert!(early.is_pending());
        let waiting = sim.spawn(async move { futures::StreamExt::next(&mut signals).await });
        sim.sleep(MS).await;
        host.signal(SignalKind::User1);
        let woken = sim.timeout(SECOND, waiting).await;
        let signal = woken.expect("the waker of the last poll is woken").unwrap();
        signal.unwrap().unwrap();
    });
}

#[test]
fn a_signal_that_nobody_expects_kills() {
    check(|sim| async move {
        let host = sim.host("host");
        let task = host.restart(|_| std::future::pending::<()>());
        sim.sleep(MS).await;
        host.signal(SignalKind::WindowChange);
        sim.sleep(MS).await;
        assert!(!task.is_finished());
        host.signal(SignalKind::Terminate);
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_thousand_hosts_talk() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let tasks: Vec<_> = (0..1000)
            .map(|i| {
                let host = sim.host(format!("n{i}"));
                host.restart(move |rt| async move {
                    let listener = rt.tcp_listen(any(80)).unwrap();
                    rt.sleep(SECOND).await;
                    let next = format!("n{}", (i + 1) % 1000);
                    let (connected, accepted) =
                        futures::join!(rt.connect_host(&next, 80), listener.accept());
                    connected.unwrap();
                    accepted.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn sockets_fail_after_the_simulation_and_do_not_hang() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let Pair { mut here, .. } = rt.block_on(pair(&sim));
    drop(rt);
    let error = futures::executor::block_on(here.read(&mut [0; 1])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    assert_eq!(sim.udp_bind(any(0)).unwrap_err().kind(), ErrorKind::Other);
}

/// Who sent something that was read, and waits for an answer, sends nothing more: so the host that comes back has nothing to reset. Once
/// the bytes that were read counted as unanswered until the sender wrote again.
#[test]
fn who_only_waits_does_not_hear_of_a_crash() {
    check(|sim| async move {
        let (server, client) = (sim.host("server"), sim.host("client"));
        let serve = |rt: Sim| async move {
            let listener = rt.tcp_listen(any(80)).unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 8]).await.unwrap();
            std::future::pending::<()>().await
        };
        server.restart(serve).detach();
        sim.sleep(MS).await;
        let waiting = client.restart(|rt| async move {
            let mut stream = rt.connect_host("server", 80).await.unwrap();
            stream.write_all(b"question").await.unwrap();
            stream.read(&mut [0; 8]).await
        });
        sim.sleep(20 * MS).await;
        server.crash();
        sim.sleep(SECOND).await;
        server.restart(serve).detach();
        let hears = sim.timeout(3600 * SECOND, waiting).await;
        assert!(hears.is_err(), "{hears:?}");
    });
}

#[test]
fn hosts_have_streams_of_numbers_of_their_own() {
    let rt = Sim::builder().seed(1).build();
    let sim = rt.handle();
    let (a, b) = (sim.host("a"), sim.host("b"));
    assert_ne!(a.rng_for("x").u64(), b.rng_for("x").u64());
    assert_ne!(a.rng_for("x").u64(), sim.rng_for("x").u64());
    assert_ne!(sim.rng_for("x").u64(), sim.rng_for("y").u64());
}
