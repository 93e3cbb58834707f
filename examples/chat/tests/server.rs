//! What the server promises to a user, on every runtime.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyrt_chat::hall::{Hall, Lines, Settings, SlowReader};
use anyrt_conformance_engine::kit::Patience;
use anyrt_core::{Config, JoinHandle, Launch, Spawn};
use anyrt_net::prelude::*;
use anyrt_net::{AnyNet, TcpOptions};
use futures::channel::oneshot;
use futures::io::{AsyncReadExt, AsyncWriteExt};

/// A server, and the handle that it runs on.
struct Served<R: NetRuntime> {
    rt: R,
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<<R as Spawn>::Task<io::Result<()>>>,
}

impl<R: NetRuntime> Served<R> {
    fn new(rt: &R, settings: Settings) -> io::Result<Self> {
        let hall = Hall::new("test", settings);
        let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into())?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // It was told to stop, or nobody will tell it any more.
            let _ = stopped.await;
        };
        let serving = rt.spawn(anyrt_chat::serve(rt.clone(), listener, hall, stopped));
        Ok(Self {
            rt: rt.clone(),
            addr,
            stop,
            serving,
        })
    }

    async fn client(&self) -> io::Result<Client<R::TcpStream>> {
        // A small window, so that a client that does not read is noticed soon.
        let options = TcpOptions::new().recv_buffer_size(4096);
        let stream = self.rt.tcp_connect_with(self.addr, &options).await?;
        let mut client = Client {
            stream,
            lines: Lines::default(),
        };
        assert_eq!(client.line().await?, "welcome test");
        Ok(client)
    }
}

struct Client<S> {
    stream: S,
    lines: Lines,
}

impl<S: Stream> Client<S> {
    async fn say(&mut self, line: &str) -> io::Result<()> {
        // In one piece: the second of two small writes would wait for the answer to the first.
        self.stream.write_all(format!("{line}\n").as_bytes()).await
    }

    /// The next line, or nothing at the end.
    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(line) = self.lines.next_line()? {
                return Ok(line.to_owned());
            }
            match self.stream.read(self.lines.space()).await? {
                0 => return Ok(String::new()),
                bytes => self.lines.filled(bytes),
            }
        }
    }

    async fn all(&mut self) -> io::Result<Vec<String>> {
        let mut all = Vec::new();
        loop {
            match self.line().await? {
                end if end.is_empty() => return Ok(all),
                line => all.push(line),
            }
        }
    }
}

async fn what_is_said_in_a_room_stays_in_it<R: NetRuntime>(rt: R) -> io::Result<()> {
    let served = Served::new(&rt, Settings::default())?;
    let (mut ann, mut bob) = (served.client().await?, served.client().await?);
    let mut eve = served.client().await?;
    ann.say("join tea").await?;
    assert_eq!(ann.line().await?, "joined tea 1");
    bob.say("join tea").await?;
    assert_eq!(bob.line().await?, "joined tea 2");
    eve.say("join coffee").await?;
    assert_eq!(eve.line().await?, "joined coffee 1");
    ann.say("say with milk?").await?;
    assert_eq!(bob.line().await?, "said 0 with milk?");
    assert_eq!(ann.line().await?, "said 0 with milk?");
    eve.say("quit").await?;
    assert_eq!(eve.all().await?, ["bye until next time"]);
    bob.say("shout").await?;
    let bye = "bye not understood: `join ROOM`, `say TEXT` and `quit` are";
    assert_eq!(bob.all().await?, [bye]);
    Ok(())
}

async fn silence_ends_a_conversation<R: NetRuntime>(rt: R) -> io::Result<()> {
    let idle = Duration::from_millis(100);
    let served = Served::new(
        &rt,
        Settings {
            idle,
            ..Settings::default()
        },
    )?;
    let begun = rt.now();
    let mut ann = served.client().await?;
    assert_eq!(ann.all().await?, ["bye nothing was said for too long"]);
    assert!(rt.now() - begun >= idle);
    Ok(())
}

async fn everybody_is_told_of_the_end<R: NetRuntime>(rt: R) -> io::Result<()> {
    let served = Served::new(&rt, Settings::default())?;
    let (mut ann, mut bob) = (served.client().await?, served.client().await?);
    served.stop.send(()).ok();
    for client in [&mut ann, &mut bob] {
        assert_eq!(client.all().await?, ["bye the server ends"]);
    }
    // They read everything and are gone, so the server does not wait for its grace.
    drop((ann, bob));
    served.serving.await.map_err(io::Error::other)??;
    let refused = rt.tcp_connect(served.addr).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    Ok(())
}

async fn a_slow_reader_holds_the_speaker_up_and_is_sent_away<R: NetRuntime>(
    rt: R,
) -> io::Result<()> {
    let patience = Duration::from_millis(300);
    let settings = Settings {
        patience,
        ..Settings::default()
    };
    let served = Served::new(&rt, settings)?;
    let (mut ann, mut bob) = (served.client().await?, served.client().await?);
    bob.say("join tea").await?;
    assert_eq!(bob.line().await?, "joined tea 1");
    ann.say("join tea").await?;
    assert_eq!(ann.line().await?, "joined tea 2");
    // Bob does not read, and there is no end of what Ann says.
    let line = "x".repeat(900);
    let begun = rt.now();
    let mut members = String::from("joined tea 2");
    while members == "joined tea 2" {
        ann.say(&format!("say {line}")).await?;
        assert!(ann.line().await?.starts_with("said 0 x"));
        // The server reads this only when the line before is in Bob's outbox, or Bob's time is over.
        ann.say("join tea").await?;
        members = ann.line().await?;
    }
    assert_eq!(members, "joined tea 1");
    assert!(rt.now() - begun >= patience);
    Ok(())
}

async fn a_slow_reader_may_miss_lines_instead<R: NetRuntime>(rt: R) -> io::Result<()> {
    // Bob reads only when Ann has said everything, which takes a busy machine a while.
    let long = Duration::from_secs(3600);
    let settings = Settings {
        slow_reader: SlowReader::Skip,
        patience: long,
        grace: long,
        ..Settings::default()
    };
    let served = Served::new(&rt, settings)?;
    let (mut ann, mut bob) = (served.client().await?, served.client().await?);
    bob.say("join tea").await?;
    assert_eq!(bob.line().await?, "joined tea 1");
    ann.say("join tea").await?;
    assert_eq!(ann.line().await?, "joined tea 2");
    let line = "x".repeat(900);
    // More than the sockets between them hold.
    let said = 8_000;
    for _ in 0..said {
        ann.say(&format!("say {line}")).await?;
        assert!(ann.line().await?.starts_with("said 0 x"));
    }
    served.stop.send(()).ok();
    let heard = bob.all().await?;
    let missed = heard.iter().filter_map(|line| line.strip_prefix("missed "));
    let missed: usize = missed.map(|count| count.parse::<usize>().unwrap()).sum();
    let lines = heard.iter().filter(|line| line.starts_with("said")).count();
    assert!(missed > 0, "nothing was missed");
    assert_eq!(lines + missed, said);
    assert_eq!(heard.last().unwrap(), "bye the server ends");
    Ok(())
}

/// Each case on each runtime.
macro_rules! cases {
    ($($case:ident)*) => {
        mod tokio_ { $(#[test] fn $case() { super::on::<anyrt_tokio::Owned, _>(super::threads(), super::$case); })* }
        mod smol_ { $(#[test] fn $case() { super::on::<anyrt_smol::Owned, _>(super::threads(), super::$case); })* }
        mod async_std { $(#[test] fn $case() { super::on::<anyrt_async_std::Global, _>(super::Config::new(), super::$case); })* }
        mod erased {
            $(#[test] fn $case() {
                super::on::<anyrt_tokio::Owned, _>(super::threads(), |rt| super::$case(super::AnyNet::new(rt)));
            })*
        }
    };
}

cases! {
    what_is_said_in_a_room_stays_in_it
    silence_ends_a_conversation
    everybody_is_told_of_the_end
    a_slow_reader_holds_the_speaker_up_and_is_sent_away
    a_slow_reader_may_miss_lines_instead
}

fn threads() -> Config {
    Config::new().worker_threads(2)
}

/// Runs a case, and fails when it has not ended after a minute in which it had the processors.
fn on<L: Launch, F: Future<Output = io::Result<()>>>(
    config: Config,
    case: impl FnOnce(L::Handle) -> F + Send + 'static,
) {
    let (done, end) = channel();
    let thread = std::thread::spawn(move || {
        let owner = L::launch(config).unwrap();
        let result = owner.block_on(case(owner.handle()));
        done.send(()).ok();
        result.unwrap();
    });
    let patience = Patience::new(Duration::from_secs(60));
    while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(patience.until_the_next_look()) {
        assert!(!patience.is_over(), "the test hangs");
    }
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
