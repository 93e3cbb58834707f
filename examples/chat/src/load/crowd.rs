use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{JoinHandle, Spawn};
use anyrt_net::{TcpOptions, prelude::*};
use async_channel::Receiver;
use futures::StreamExt;
use futures::io::AsyncWriteExt;
use futures::stream;

use super::listener::{Listener, one_line};
use super::{Heard, Latency, Plan};
use crate::hall::Lines;

/// How many users connect at once.
const AT_ONCE: usize = 64;
/// What a line has besides its numbers.
const WORDS: &str = "the quick brown fox jumps over the lazy dog";

type WriteHalf<R> = <<R as Tcp>::TcpStream as Stream>::WriteHalf;
type Task<R> = JoinHandle<<R as Spawn>::Task<Heard>>;

/// Users in their rooms, connected with a server.
pub struct Crowd<R: NetRuntime> {
    rt: R,
    plan: Plan,
    speakers: Vec<WriteHalf<R>>,
    listeners: Vec<Task<R>>,
    latency: Arc<Latency>,
    /// How many lines all of them together are to hear.
    expected: usize,
    /// Ready when they have.
    all_heard: Receiver<()>,
    start: anyrt_core::Instant,
}

/// A connection that the server has welcomed.
struct Guest<S> {
    stream: S,
    lines: Lines,
    server: String,
}

impl<R: NetRuntime> Crowd<R> {
    /// Connects everybody and has them join their rooms. A room is in one server: users are put together with those who came to
    /// the same one.
    ///
    /// # Errors
    ///
    /// The first failure of a user, or a server that does not answer as it should.
    pub async fn connect(rt: R, plan: Plan, name: &str) -> io::Result<Self> {
        let guests = stream::iter(0..plan.users).map(|_| welcome(&rt, &plan));
        let mut guests = guests.buffer_unordered(AT_ONCE);
        let mut servers = BTreeMap::<String, Vec<Guest<R::TcpStream>>>::new();
        while let Some(guest) = guests.next().await {
            let guest = guest?;
            servers.entry(guest.server.clone()).or_default().push(guest);
        }
        drop(guests);
        let latency = Arc::new(Latency::default());
        let (expecting, all_heard) = async_channel::bounded(1);
        let mut crowd = Self {
            start: rt.now(),
            rt,
            speakers: Vec::new(),
            listeners: Vec::new(),
            latency,
            expected: 0,
            all_heard,
            plan,
        };
        for (server, mut guests) in servers {
            let mut number = 0;
            while !guests.is_empty() {
                let size = crowd.plan.room.min(guests.len());
                let members: Vec<_> = guests.drain(guests.len() - size..).collect();
                let room = format!("{name}-{server}-{number}");
                crowd.fill(&room, members, &expecting).await?;
                number += 1;
            }
        }
        Ok(crowd)
    }

    async fn fill(
        &mut self,
        room: &str,
        members: Vec<Guest<R::TcpStream>>,
        expecting: &async_channel::Sender<()>,
    ) -> io::Result<()> {
        let (first, size) = (self.speakers.len(), members.len());
        let expected = size * self.plan.lines;
        for (number, mut guest) in members.into_iter().enumerate() {
            guest
                .stream
                .write_all(format!("join {room}\n").as_bytes())
                .await?;
            let answer = one_line(&mut guest.stream, &mut guest.lines).await?;
            let wanted = format!("joined {room} {}", number + 1);
            if answer != wanted {
                return Err(io::Error::other(format!(
                    "`{answer}` instead of `{wanted}`"
                )));
            }
            let (reader, writer) = guest.stream.into_split();
            let listener = Listener {
                timer: self.rt.clone(),
                start: self.start,
                first,
                next: vec![0; size],
                heard: Heard::default(),
            };
            let (latency, expecting) = (self.latency.clone(), expecting.clone());
            let listening = listener.run(reader, guest.lines, latency, expected, expecting);
            self.listeners.push(self.rt.spawn(listening));
            self.speakers.push(writer);
            self.expected += expected;
        }
        Ok(())
    }

    /// Has everybody say their lines, evenly over the time, and waits until everybody has heard them or the patience ends.
    ///
    /// # Errors
    ///
    /// A line that cannot be written.
    pub async fn talk(&mut self) -> io::Result<Duration> {
        let begun = self.rt.now();
        let (room, users) = (self.plan.room, self.plan.users);
        // Not one room after the other.
        let order = (0..room).flat_map(|first| (first..users).step_by(room));
        let order: Vec<usize> = order.collect();
        let mut said = 0;
        for turn in 0..self.plan.lines {
            for user in &order {
                let due = begun + Duration::from_secs_f64(f64::from(said) / self.plan.rate);
                if due > self.rt.now() {
                    self.rt.sleep_until(due).await;
                }
                let now = self.rt.now().duration_since(self.start).as_nanos();
                let line = format!("say {user} {turn} {now} {WORDS}\n");
                self.speakers[*user].write_all(line.as_bytes()).await?;
                said += 1;
            }
        }
        let all_heard = self.all_heard.recv();
        self.rt.timeout(self.plan.patience, all_heard).await.ok();
        Ok(self.rt.now() - begun)
    }

    /// Waits for the end of the server, and tells what everybody heard.
    pub async fn listen(self) -> Vec<Heard> {
        let mut all = Vec::new();
        for listener in self.listeners {
            // It panics on nothing, and nobody aborts it.
            all.push(listener.await.unwrap_or_default());
        }
        all
    }

    /// How many lines all of them together are to hear.
    pub fn expected(&self) -> usize {
        self.expected
    }

    /// How long the lines were on their way, from the write of the speaker to the read of a listener.
    pub fn latency(&self) -> Arc<Latency> {
        self.latency.clone()
    }
}

async fn welcome<R: NetRuntime>(rt: &R, plan: &Plan) -> io::Result<Guest<R::TcpStream>> {
    let options = TcpOptions::new()
        .local_addr(SocketAddr::new(plan.from, 0))
        .nodelay(true);
    let mut stream = rt.tcp_connect_with(plan.server, &options).await?;
    let mut lines = Lines::default();
    let line = one_line(&mut stream, &mut lines).await?;
    let server = line
        .strip_prefix("welcome ")
        .ok_or_else(|| io::Error::other(format!("`{line}` is no welcome")))?;
    let server = server.to_owned();
    Ok(Guest {
        stream,
        lines,
        server,
    })
}

impl<R: NetRuntime> fmt::Debug for Crowd<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crowd")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
