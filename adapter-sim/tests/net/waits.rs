//! What a report says of what each task waits for.

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::{Sim, TaskInfo, TaskState};
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};

use crate::setup::{MS, Pair, SECOND, any, pair};

/// The task of this name.
fn task(sim: &Sim, name: &str) -> TaskInfo {
    let tasks = sim.tasks();
    let found = tasks.iter().find(|task| task.name() == Some(name));
    found
        .unwrap_or_else(|| panic!("no {name} in {tasks:?}"))
        .clone()
}

fn waits(sim: &Sim, name: &str) -> String {
    task(sim, name).waits_for().expect("it waits").to_owned()
}

#[track_caller]
fn assert_waits(sim: &Sim, name: &str, wanted: &str) {
    let waits = waits(sim, name);
    // The port of a client is drawn.
    let is_there = wanted.split('*').all(|part| waits.contains(part));
    assert!(is_there, "{waits:?}, and not {wanted:?}");
}

#[test]
fn each_operation_of_a_socket_is_named_with_its_place() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (a, b) = (sim.host("a").handle(), sim.host("b").addr());
    let spawn = |name: &str, rt: &Sim| rt.named(name);
    sim.host("b").handle();
    let listener = a.tcp_listen(any(80)).unwrap();
    spawn("accept", &a).spawn_detached(async move { drop(listener.accept().await) });
    let socket = a.udp_bind(any(9)).unwrap();
    spawn("receive", &a).spawn_detached(async move { drop(socket.recv_from(&mut [0; 1]).await) });
    sim.network().partition([&sim.host("a")], [&sim.host("b")]);
    let connect = a.tcp_connect((b, 7).into());
    spawn("connect", &a).spawn_detached(async move { drop(connect.await) });
    let signals = a.clone();
    spawn("signal", &a).spawn_detached(async move { drop(signals.ctrl_c().await) });
    let resolver = a.clone();
    spawn("resolve", &a).spawn_detached(async move { drop(resolver.resolve("b", 1).await) });
    let closure = a.named("closure").spawn_blocking(|| ());
    spawn("join", &a).spawn_detached(async move { drop(closure.await) });
    let (send, receive) = futures::channel::oneshot::channel::<()>();
    spawn("channel", &a).spawn_detached(async move {
        let _ = receive.await;
    });
    a.run_until_stalled();

    assert_waits(&sim, "accept", "accepting on 0.0.0.0:80");
    assert_waits(&sim, "receive", "receiving on 0.0.0.0:9");
    assert_waits(
        &sim,
        "connect",
        "connecting to b (192.168.0.2:7), and the way there or back is closed",
    );
    assert_waits(&sim, "signal", "waiting for the signal `interrupt`");
    assert_waits(&sim, "resolve", "waiting for the answer of a name server");
    assert_waits(&sim, "channel", "waiting for something else: a channel");
    assert_eq!(task(&sim, "channel").state(), TaskState::Waiting);
    drop(send);
}

#[test]
fn a_closure_is_told_from_a_task() {
    // The last one that is spawned runs first.
    let rt = Sim::builder().policy(anyrt_sim::Policy::Lifo).build();
    let sim = rt.handle();
    let there = sim.clone();
    let closure = sim.named("work").spawn_blocking(move || there.tasks());
    let join = sim.named("join").spawn(closure);
    let tasks = rt.block_on(join).unwrap().unwrap();
    let join = tasks.iter().find(|it| it.name() == Some("join")).unwrap();
    assert_eq!(join.waits_for(), Some("waiting for #0 work, a closure"));
}

#[test]
fn a_read_says_why_nothing_comes() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let Pair {
            client,
            server,
            mut here,
            there,
        } = pair(&sim).await;
        client.handle().named("reader").spawn_detached(async move {
            drop(here.read(&mut [0; 1]).await);
        });
        sim.sleep(MS).await;
        assert_eq!(
            waits(&sim, "reader"),
            format!("reading from server ({}:80)", server.addr())
        );
        server.pause();
        assert_waits(
            &sim,
            "reader",
            "reading from server (*:80), which is paused",
        );
        server.resume();
        sim.network().partition_one_way([&server], [&client]);
        let mut there = there;
        there.write_all(b"lost").await.unwrap();
        assert_waits(
            &sim,
            "reader",
            "the way there or back is closed, whose answer waits for its way",
        );
        sim.network().heal_all();
        sim.network().forget_connections(&client, &server);
        assert_waits(&sim, "reader", "which knows nothing of this connection");
        server.crash();
        assert_waits(
            &sim,
            "reader",
            "server (*:80), which is down, which knows nothing",
        );
        drop(there);
    });
}

#[test]
fn a_write_says_how_much_its_peer_has_not_read() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let Pair {
            client,
            mut here,
            there: _there,
            ..
        } = pair(&sim).await;
        client.handle().named("writer").spawn_detached(async move {
            drop(here.write_all(&[0; 1_000_000]).await);
        });
        sim.sleep(SECOND).await;
        assert_waits(
            &sim,
            "writer",
            "writing to server (*:80), which has not read 131072 bytes before",
        );
    });
}

#[test]
fn a_select_names_all_that_it_waits_for_and_the_last_wake() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        let clock = sim.clone();
        client.handle().named("both").spawn_detached(async move {
            let mut buf = [0; 4];
            here.read_exact(&mut buf).await.unwrap();
            drop(clock.timeout(3600 * SECOND, here.read(&mut buf)).await);
        });
        server.handle().named("sender").spawn_detached(async move {
            there.write_all(b"moin").await.unwrap();
            std::future::pending::<()>().await;
        });
        sim.sleep(SECOND).await;
        let both = task(&sim, "both");
        let TaskState::Sleeping { until } = both.state() else {
            panic!("{both:?}")
        };
        assert!(until > 3600 * SECOND);
        let waits = both.waits_for().unwrap();
        assert!(waits.contains("reading from server"), "{waits}");
        assert!(
            waits.contains(&format!("sleeping until {until:?}")),
            "{waits}"
        );
        assert!(!waits.contains("earlier"), "{waits}");
        let (at, by) = both.last_wake().expect("a message came");
        assert!(at < SECOND);
        assert_eq!(by, "the network");
    });
}

#[test]
fn what_was_dropped_after_something_was_ready_is_no_wait() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let socket = sim.udp_bind(any(9)).unwrap();
        let clock = sim.clone();
        sim.named("loop").spawn_detached(async move {
            let mut buf = [0; 1];
            // The sleep is dropped with the time limit, and the read is left.
            let none = clock.timeout(SECOND, socket.recv_from(&mut buf)).await;
            assert!(none.is_err());
            clock.sleep(5 * SECOND).await;
        });
        sim.sleep(2 * SECOND).await;
        let waits = waits(&sim, "loop");
        let (now, before) = waits
            .split_once("; earlier")
            .expect("the receive was before");
        assert!(now.starts_with("sleeping until 6s"), "{now}");
        assert!(before.contains("receiving on 0.0.0.0:9"), "{before}");
    });
}

#[test]
fn who_woke_a_task_is_named() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (send, receive) = futures::channel::oneshot::channel::<()>();
    sim.named("woken").spawn_detached(async move {
        let _ = receive.await;
        std::future::pending::<()>().await;
    });
    let clock = sim.clone();
    sim.named("waker").spawn_detached(async move {
        clock.sleep(SECOND).await;
        send.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    sim.advance(2 * SECOND);
    assert_eq!(task(&sim, "woken").last_wake(), Some((SECOND, "#1 waker")));
    assert_eq!(task(&sim, "waker").last_wake(), Some((SECOND, "a timer")));
    let (send, receive) = futures::channel::oneshot::channel::<()>();
    sim.named("outside").spawn_detached(async move {
        let _ = receive.await;
        std::future::pending::<()>().await;
    });
    sim.run_until_stalled();
    send.send(()).unwrap();
    sim.run_until_stalled();
    assert_eq!(task(&sim, "outside").last_wake().unwrap().1, "outside");
}

#[test]
fn a_task_of_a_paused_host_says_so() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let host = sim.host("a");
        let clock = host.handle();
        host.handle().named("paused").spawn_detached(async move {
            clock.sleep(MS).await;
        });
        anyrt_core::yield_now().await;
        host.pause();
        sim.sleep(SECOND).await;
        assert_eq!(waits(&sim, "paused"), "ready, but its host is paused");
    });
}

#[test]
fn a_report_and_its_page_have_the_waits() {
    let failure = anyrt_sim::Check::new().find_failure(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            there: _there,
        } = pair(&sim).await;
        let reading = client.handle().spawn_named("c1", async move {
            drop(here.read(&mut [0; 1]).await);
        });
        sim.sleep(SECOND).await;
        server.crash();
        sim.sleep(SECOND).await;
        assert!(reading.now_or_never().is_some(), "no progress");
    });
    let failure = failure.expect("nothing comes");
    let wanted = "reading from server (192.168.0.2:80), which is down, which knows nothing of this connection";
    let report = failure.to_string();
    let row = report
        .lines()
        .find(|line| line.contains("client/c1") && !line.contains("polls"));
    let row = row.unwrap_or_else(|| panic!("no row: {report}"));
    assert!(row.contains(wanted), "{report}");
    let page = failure.page().expect("messages were sent");
    assert!(page.contains(&format!("<td>{wanted}</td>")), "{page}");
}

#[test]
fn an_attempt_to_connect_says_why_nobody_takes_it() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (client, silent) = (sim.host("client").handle(), sim.host("silent"));
    let busy = sim.host("busy").handle();
    let options = anyrt_net::ListenOptions::new().backlog(1);
    let _listener = busy.tcp_listen_with(any(80), &options).unwrap();
    let other = silent.addr();
    rt.block_on(async {
        let busy = sim.host("busy").addr();
        let _first = client.tcp_connect((busy, 80).into()).await.unwrap();
        for (name, to) in [
            ("nobody", ([10, 0, 0, 7], 80).into()),
            ("unstarted", (other, 80).into()),
            ("portless", (busy, 81).into()),
            ("full", (busy, 80).into()),
        ] {
            let connect = client.tcp_connect(to);
            client
                .named(name)
                .spawn_detached(async move { drop(connect.await) });
        }
        anyrt_core::yield_now().await;
        for (name, wanted) in [
            (
                "nobody",
                "connecting to 10.0.0.7:80, an address that no host has",
            ),
            (
                "unstarted",
                "connecting to silent (*:80), where nothing listens, as nothing was started there",
            ),
            (
                "portless",
                "connecting to busy (*:81), where nothing listens",
            ),
            ("full", "connecting to busy (*:80), whose backlog is full"),
        ] {
            assert_waits(&sim, name, wanted);
        }
        assert!(!waits(&sim, "portless").contains("started"));
    });
}
