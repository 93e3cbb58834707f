use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::{Check, FailureKind, Sim};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::setup::{MS, Pair, any, pair};

#[test]
fn a_report_shows_the_last_messages() {
    let failure = Check::new().find_failure(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            mut there,
        } = pair(&sim).await;
        here.write_all(b"hello").await.unwrap();
        there.read_exact(&mut [0; 5]).await.unwrap();
        sim.network().partition([&client], [&server]);
        there.write_all(b"lost\n").await.unwrap();
        let answer = sim.timeout(100 * MS, here.read(&mut [0; 5])).await;
        assert!(answer.is_ok(), "no answer");
    });
    let report = failure.expect("a partition").to_string();
    for part in [
        "the last messages between hosts",
        "client",
        "server",
        " connect ",
        " connected ",
        "- 5 B -",
        "\"hello\"",
        "==== partition: client <-x-> server ====",
        "waits for its way \"lost\\n\", by #0 root",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let arrow = report
        .lines()
        .find(|line| line.contains("\"hello\""))
        .expect("is shown");
    assert!(arrow.contains("|---") && arrow.contains("->|"), "{arrow}");
}

#[test]
fn a_message_names_the_task_that_sent_it_also_after_its_end() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let there = sim.host("there").addr();
    let send = |name: &str| {
        sim.host("here").handle().spawn_named(name, async move {
            let socket = anyrt_sim::Ambient.udp_bind(any(0))?;
            socket.send_to(b"moin", (there, 9).into()).await
        })
    };
    let (one, other) = (send("one"), send("other"));
    rt.block_on(async { (one.await.unwrap().unwrap(), other.await.unwrap().unwrap()) });
    let log = sim.network().log();
    assert_eq!(log.len(), 2);
    for (number, name) in [(0, "one"), (1, "other")] {
        let line = log
            .iter()
            .find(|line| line.task().is_some_and(|task| task.number() == number))
            .expect("it sent one");
        assert!(
            line.text().ends_with(&format!(", by #{number} {name}")),
            "{line}"
        );
        assert_eq!(line.host(), Some("here"));
    }
}

#[test]
fn what_a_system_sends_by_itself_is_by_no_task() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(async {
        let Pair {
            server,
            here: _here,
            there: _there,
            ..
        } = pair(&sim).await;
        server.kill();
        sim.sleep(MS).await;
    });
    let log = sim.network().log();
    for (part, by) in [
        (": connect,", Some(0)),
        (": connected,", None),
        (": end,", None),
    ] {
        let line = log.iter().find(|line| line.text().contains(part));
        let line = line.unwrap_or_else(|| panic!("no {part} in {log:?}"));
        assert_eq!(line.task().map(|task| task.number()), by, "{line}");
    }
}

#[test]
fn a_note_is_shown_on_its_host_and_is_in_no_hash() {
    let run = |noted: bool| {
        let rt = Sim::builder().build();
        let sim = rt.handle();
        let task = sim.host("db").restart(move |rt| async move {
            rt.sleep(MS).await;
            if noted {
                rt.note("gave up");
            }
        });
        rt.block_on(task).unwrap();
        (sim.hash(), sim.network().log())
    };
    let (silent, noted) = (run(false), run(true));
    assert_eq!(silent.0, noted.0);
    let new: Vec<_> = noted
        .1
        .iter()
        .filter(|line| !silent.1.contains(line))
        .collect();
    let [line] = &new[..] else { panic!("{new:?}") };
    assert_eq!((line.text(), line.time()), ("db: #0 main gave up", MS));
}

#[test]
fn a_task_of_a_host_is_named_by_it() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let db = sim.host("db");
    let _task = db.restart(|rt| async move {
        rt.spawn_named("reader", std::future::pending::<()>())
            .detach();
        std::future::pending::<()>().await
    });
    sim.run_until_stalled();
    let named = sim
        .tasks()
        .iter()
        .any(|task| task.group() == Some("db") && task.name() == Some("reader"));
    assert!(named, "{:?}", sim.tasks());
}

#[test]
fn a_task_that_waits_for_a_socket_for_ever_is_a_deadlock() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt
        .try_block_on(async {
            let socket = sim.udp_bind(any(9)).unwrap();
            socket.recv_from(&mut [0; 1]).await.map(drop)
        })
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Deadlock);
}

#[test]
fn a_socket_on_a_foreign_thread_is_reported() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt
        .try_block_on(async {
            let handle = sim.clone();
            std::thread::spawn(move || handle.udp_bind(any(9)).map(drop))
                .join()
                .unwrap()
                .unwrap();
            sim.sleep(MS).await;
        })
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::ForeignThread);
    assert!(failure.message().contains("used a socket"), "{failure}");
}

#[test]
fn a_page_shows_hosts_messages_and_faults() {
    let failure = Check::new().find_failure(|sim| async move {
        let Pair {
            client,
            server,
            mut here,
            there: _there,
        } = pair(&sim).await;
        here.write_all(b"<hello>").await.unwrap();
        sim.network().partition([&client], [&server]);
        assert_eq!(sim.seed(), u64::MAX, "as meant");
    });
    let failure = failure.expect("panics");
    let page = failure.page().expect("messages were sent");
    for part in [
        "<title>seed 0: ",
        ">client</text>",
        ">server</text>",
        "class=\"fault\"",
        "&lt;hello&gt;",
        "</svg>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let silent = Check::new().find_failure(|sim| async move { assert_eq!(sim.seed(), u64::MAX) });
    assert!(silent.expect("panics").page().is_none());
}
