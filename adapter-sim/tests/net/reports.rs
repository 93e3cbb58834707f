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
fn a_request_that_does_not_arrive_is_shown_as_lost() {
    let failure = Check::new().find_failure(|sim| async move {
        let (client, server) = (sim.host("client"), sim.host("server"));
        sim.network().partition([&client], [&server]);
        let to = (server.addr(), 7).into();
        let connect = async move { anyrt_sim::Ambient.tcp_connect(to).await.map(drop) };
        let answer = sim.timeout(100 * MS, client.handle().spawn(connect)).await;
        assert!(answer.is_ok(), "no answer");
    });
    let report = failure.expect("a partition").to_string();
    let arrow = report.lines().find(|line| line.contains(" connect "));
    let arrow = arrow.expect("is shown");
    assert!(
        arrow.contains("lost") && !arrow.contains("arrives"),
        "{arrow}"
    );
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

#[test]
fn a_host_that_a_fault_names_keeps_its_column_and_others_are_said_to_be_left_out() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt.try_block_on(async {
        let [a, b] = ["a", "b"].map(|name| sim.host(name));
        for quiet in ["idle", "never"] {
            sim.host(quiet);
        }
        sim.host("struck").crash();
        let socket = a.handle().udp_bind(any(9))?;
        socket.send_to(b"moin", (b.addr(), 9).into()).await?;
        std::future::pending::<std::io::Result<()>>().await
    });
    let report = failure.unwrap_err().to_string();
    let header = report
        .lines()
        .find(|line| line.contains("struck") && line.contains("a  "));
    let header = header.unwrap_or_else(|| panic!("no column: {report}"));
    assert!(!header.contains("idle"), "{report}");
    assert!(
        report.contains("without a column, as nothing here is about them: idle, never\n"),
        "{report}"
    );
}

#[test]
fn the_host_of_the_task_that_failed_has_a_column() {
    let rt = Sim::builder().task_panics_fail(true).build();
    let sim = rt.handle();
    let failure = rt.try_block_on(async {
        let [a, b, c] = ["a", "b", "failing"].map(|name| sim.host(name));
        let socket = a.handle().udp_bind(any(9))?;
        socket.send_to(b"moin", (b.addr(), 9).into()).await?;
        c.restart(|_| async { panic!("as meant") }).detach();
        std::future::pending::<std::io::Result<()>>().await
    });
    let failure = failure.unwrap_err();
    // Without the fault that is its start.
    let report = failure.to_string();
    let header = report
        .lines()
        .find(|line| line.trim_start().starts_with("a  "));
    assert!(
        header.is_some_and(|header| header.contains("failing")),
        "{report}"
    );
}

#[test]
fn faults_of_many_hosts_make_no_list_of_a_diagram() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt.try_block_on(async {
        let all: Vec<_> = (0..9).map(|n| sim.host(format!("n{n}"))).collect();
        sim.network().partition([&all[0]], &all[1..]);
        let socket = all[0].handle().udp_bind(any(9))?;
        socket.send_to(b"moin", (all[1].addr(), 9).into()).await?;
        std::future::pending::<std::io::Result<()>>().await
    });
    let report = failure.unwrap_err().to_string();
    assert!(report.contains("|.... datagram 4 B ....x"), "{report}");
    assert!(report.contains("about them: n6, n7, n8"), "{report}");
}

#[test]
fn a_look_up_that_fails_is_in_the_log_and_a_row_of_them_is_one_line() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let host = sim.host("client");
    let asking = host.restart(|rt| async move {
        for _ in 0..3 {
            assert!(rt.connect_host("sever", 80).await.is_err());
        }
        let _found = rt.resolve("client", 80).await.unwrap();
    });
    rt.block_on(asking).unwrap();
    let log = sim.network().log();
    let lines: Vec<_> = log
        .iter()
        .filter(|line| line.text().contains("resolve"))
        .collect();
    let [line] = &lines[..] else {
        panic!("{log:?}")
    };
    assert!(
        line.text()
            .starts_with("client: #0 main cannot resolve `sever`: no simulated host has this name"),
        "{line}"
    );
    assert!(
        line.text().contains("(and 2 times more, the last at "),
        "{line}"
    );
    assert_eq!(line.host(), Some("client"));
}

#[test]
fn a_pinned_line_outlives_the_last_messages() {
    let failure = Check::new().find_failure(|sim| async move {
        let Pair {
            server,
            mut here,
            mut there,
            ..
        } = pair(&sim).await;
        let before = sim.elapsed();
        for n in 0..300 {
            here.write_all(b"ping").await.unwrap();
            there.read_exact(&mut [0; 4]).await.unwrap();
            if n == 3 {
                server.handle().pin("cut the log at place 69");
            }
        }
        server.handle().pin_at(before, "had promised place 69");
        sim.note("an ordinary note");
        assert_eq!(sim.seed(), u64::MAX, "as meant");
    });
    let failure = failure.expect("panics");
    let report = failure.to_string();
    let line = |part: &str| {
        let line = report.lines().position(|line| line.contains(part));
        line.unwrap_or_else(|| panic!("no {part} in {report}"))
    };
    assert!(line("!  had promised place 69") < line("!  #0 root cut the log at place 69"));
    assert!(line("cut the log at place 69") < line("#0 root an ordinary note"));
    let page = failure.page().expect("messages were sent");
    assert!(page.contains("class=\"pin\""), "{page}");
    assert!(page.contains("cut the log at place 69"));
}

#[test]
fn of_many_pinned_lines_the_oldest_are_forgotten_and_that_is_said() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt.try_block_on(async {
        for n in 0..400 {
            sim.sleep(MS).await;
            sim.pin(format!("pin {n}."));
        }
        std::future::pending::<()>().await
    });
    // 256 are the last lines anyway, 64 are kept beyond them.
    let log = sim.network().log();
    assert_eq!(log.iter().filter(|line| line.is_pinned()).count(), 320);
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("… not kept: 80 older pinned lines"),
        "{report}"
    );
    assert!(
        !report.contains("pin 79.") && report.contains("pin 80."),
        "{report}"
    );
}

#[test]
fn the_bytes_of_a_message_are_those_that_were_written() {
    // Short writes take a part of a buffer, and the rest comes with the next one.
    let rt = Sim::builder().payload_bytes(24, 64).build();
    let sim = rt.handle();
    rt.block_on(async {
        let Pair {
            mut here,
            there: _there,
            ..
        } = pair(&sim).await;
        sim.network().short_io(0.9);
        here.write_all(b"0123456789abcdef").await.unwrap();
    });
    let log = sim.network().log();
    let line = log
        .iter()
        .find(|line| line.text().contains("16 B"))
        .expect("one poll is one segment");
    assert!(line.text().contains("\"0123456789abcdef\""), "{line}");
}

#[test]
fn a_page_keeps_more_of_a_message_than_a_line_and_both_can_be_set() {
    let failing = |builder: anyrt_sim::Builder| {
        let check = Check::new().builder(builder);
        let failure = check.find_failure(|sim| async move {
            let Pair {
                mut here,
                there: _there,
                ..
            } = pair(&sim).await;
            here.write_all(&[b'x'; 1000]).await.unwrap();
            assert_eq!(sim.seed(), u64::MAX, "as meant");
        });
        failure.expect("panics")
    };
    for (builder, shown, kept) in [
        (Sim::builder(), 24, 256),
        (Sim::builder().payload_bytes(8, 512), 8, 512),
        (Sim::builder().payload_bytes(2000, 0), 1000, 1000),
    ] {
        let failure = failing(builder);
        let cut = |n: usize| if n < 1000 { "…" } else { "" };
        let line = format!("\"{}{}\", by", "x".repeat(shown), cut(shown));
        assert!(failure.to_string().contains(&line), "{shown}: {failure}");
        let tip = format!("&quot;{}{}&quot;, by", "x".repeat(kept), cut(kept));
        assert!(failure.page().unwrap().contains(&tip), "{kept}");
    }
}

#[test]
fn a_function_of_the_tests_puts_messages_into_words() {
    let builder = Sim::builder().describe_payloads(|payload| match payload.bytes() {
        [b'V', term] => Some(format!("vote of {} for <{term}>", payload.from())),
        [b'P', ..] => panic!("of the function's own"),
        _ => None,
    });
    let failure = Check::new()
        .builder(builder)
        .find_failure(|sim| async move {
            let Pair {
                mut here,
                there: _there,
                ..
            } = pair(&sim).await;
            for message in [&b"V\x03"[..], b"Pan", b"other"] {
                here.write_all(message).await.unwrap();
                sim.sleep(MS).await;
            }
            assert_eq!(sim.seed(), u64::MAX, "as meant");
        });
    let failure = failure.expect("panics");
    let report = failure.to_string();
    for part in [
        ": vote of client for <3>, by #0 root",
        "\"Pan\"",
        "\"other\"",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(
        failure
            .page()
            .unwrap()
            .contains("vote of client for &lt;3&gt;")
    );
}

#[test]
fn a_refusal_says_why_and_so_does_an_attempt_to_reach_nobody() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (unstarted, idle, moody) = (sim.host("unstarted"), sim.host("idle"), sim.host("moody"));
    idle.restart(|_| async {}).detach();
    let _listener = moody.handle().tcp_listen(any(80)).unwrap();
    moody.set_refusal(1.0);
    let client = sim.host("client").handle();
    let tos = [unstarted.addr(), idle.addr(), moody.addr()];
    rt.block_on(async {
        for to in tos {
            assert!(client.tcp_connect((to, 80).into()).await.is_err());
        }
        for _ in 0..2 {
            let nobody = ([10, 0, 0, 7], 80).into();
            assert!(client.tcp_connect(nobody).await.is_err());
        }
    });
    let log = sim.network().log();
    for (from, wanted) in [
        (
            "unstarted",
            ": nothing listens at port 80, as nothing was started on this host",
        ),
        ("idle", ": nothing listens at port 80"),
        ("moody", ": by `Host::set_refusal`"),
    ] {
        let is_it = |text: &str| text.starts_with(&format!("{from} -> client: refused"));
        let line = log.iter().find(|line| is_it(line.text()));
        let line = line.unwrap_or_else(|| panic!("no {from} in {log:?}"));
        assert!(line.text().ends_with(wanted), "{line}");
    }
    let nobody: Vec<_> = log
        .iter()
        .filter(|line| line.text().contains("10.0.0.7"))
        .collect();
    let [line] = &nobody[..] else {
        panic!("{log:?}")
    };
    let said =
        "cannot connect to 10.0.0.7:80: no simulated host has this address (and once more, at ";
    assert!(line.text().contains(said), "{line}");
}

#[test]
fn a_note_without_words_is_told_and_columns_bear_large_times() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let failure = rt.try_block_on(async {
        let [a, b] = ["a", "b"].map(|name| sim.host(name));
        let socket = a.handle().udp_bind(any(9))?;
        a.handle().pin("");
        sim.sleep(std::time::Duration::from_nanos(98_765_432_109_876_543))
            .await;
        b.handle().note(" ");
        socket.send_to(b"moin", (b.addr(), 9).into()).await?;
        std::future::pending::<std::io::Result<()>>().await
    });
    let report = failure.unwrap_err().to_string();
    assert!(report.contains("(a pin without words)"), "{report}");
    assert!(report.contains("(a note without words)"), "{report}");
    let place = |part: &str, what: char| {
        let line = report.lines().find(|it| it.contains(part));
        let line = line.unwrap_or_else(|| panic!("no {part} in {report}"));
        line.chars().position(|letter| letter == what)
    };
    // The column of `a`, in the header, in an event and in a message.
    let header = report
        .lines()
        .find(|it| it.split_whitespace().eq(["a", "b"]));
    let header = header.unwrap_or_else(|| panic!("no header in {report}"));
    let column = header.find('a');
    assert_eq!(place("a pin without words", '!'), column, "{report}");
    assert_eq!(place("a note without words", '|'), column, "{report}");
    assert_eq!(place("datagram 4 B", '|'), column, "{report}");
}
