use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyrt_net::prelude::*;

use super::Bug;
use super::connection::Connection;
use super::message::{Answer, Elsewhere, Read, Request, Value, Write};

/// Somebody who writes to the log and reads it, and tries again until he is answered.
#[expect(missing_debug_implementations, reason = "its runtime need have none")]
pub struct Client<R: NetRuntime> {
    rt: R,
    nodes: Vec<SocketAddr>,
    id: u64,
    /// Counts the writes, so that nodes know a retry.
    number: u64,
    /// Who is asked.
    node: usize,
    connection: Option<Connection<R::TcpStream>>,
    patience: Duration,
    bug: Option<Bug>,
}

impl<R: NetRuntime> Client<R> {
    /// A client with a number of its own, which is not 0.
    pub fn new(rt: R, id: u64, nodes: Vec<SocketAddr>, bug: Option<Bug>) -> Self {
        Self {
            rt,
            node: id as usize % nodes.len(),
            nodes,
            id,
            number: 0,
            connection: None,
            patience: Duration::from_millis(150),
            bug,
        }
    }

    /// Sets how long it waits for an answer before it asks again.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Writes a value, once, however often it has to ask.
    pub async fn write(&mut self, value: u64) {
        self.number += 1;
        loop {
            let request = Request::Write(Write {
                client: self.id,
                number: self.number,
                value,
            });
            if let Some(Answer::Written(_)) = self.ask(request).await {
                return;
            }
            if self.bug == Some(Bug::RetryWithoutId) {
                self.number += 1;
            }
        }
    }

    /// Reads how many values there are, and the last one.
    pub async fn read(&mut self) -> (usize, u64) {
        loop {
            let request = Request::Read(Read {});
            if let Some(Answer::Value(Value { length, last })) = self.ask(request).await {
                return (length, last);
            }
        }
    }

    /// Asks once. Where that leads to no answer, the next question goes elsewhere, a little later.
    async fn ask(&mut self, request: Request) -> Option<Answer> {
        match self.try_ask(&request).await {
            Ok(Some(Answer::Elsewhere(Elsewhere { leader }))) => {
                let next =
                    leader.filter(|&leader| leader != self.node && leader < self.nodes.len());
                self.node = next.unwrap_or((self.node + 1) % self.nodes.len());
            }
            // The same connection may still be good.
            Ok(None) => return None,
            Ok(answer) => return answer,
            Err(_) => self.node = (self.node + 1) % self.nodes.len(),
        }
        self.connection = None;
        self.rt.sleep(self.patience / 10).await;
        None
    }

    async fn try_ask(&mut self, request: &Request) -> io::Result<Option<Answer>> {
        if self.connection.is_none() {
            let connecting = self.rt.tcp_connect(self.nodes[self.node]);
            let stream = self.rt.timeout(self.patience, connecting).await??;
            self.connection = Some(Connection::new(stream, self.bug));
        }
        let connection = self.connection.as_mut().expect("was made just now");
        connection.ask(&self.rt, request, self.patience).await
    }
}
