use std::io::{self, ErrorKind};
use std::time::Duration;

use anyrt_core::Timer;
use anyrt_net::Stream;
use futures::io::{AsyncReadExt, AsyncWriteExt};

use super::Bug;
use super::message::{Answer, Request};

/// How many answers in a row may be missing before a connection is given up.
const MISSED: u32 = 2;

/// The side of a connection that asks: one request at a time, each with a number that its answer repeats.
pub(super) struct Connection<S> {
    lines: Lines<S>,
    asked: u64,
    missed: u32,
    bug: Option<Bug>,
}

impl<S: Stream> Connection<S> {
    pub(super) fn new(stream: S, bug: Option<Bug>) -> Self {
        Self {
            lines: Lines::new(stream),
            asked: 0,
            missed: 0,
            bug,
        }
    }

    /// Asks, and waits for the answer. `None` when it does not come in time, and an error when it is time to connect anew.
    pub(super) async fn ask<R: Timer + Clone>(
        &mut self,
        rt: &R,
        request: &Request,
        patience: Duration,
    ) -> io::Result<Option<Answer>> {
        self.asked += 1;
        let asking = async {
            self.lines
                .write(&format!("{} {request}", self.asked))
                .await?;
            loop {
                let line = self.lines.next().await?.ok_or(ErrorKind::UnexpectedEof)?;
                let (number, answer) = line.split_once(' ').ok_or(ErrorKind::InvalidData)?;
                if number.parse() == Ok(self.asked) || self.bug == Some(Bug::AnyAnswer) {
                    return answer.parse().map_err(|()| ErrorKind::InvalidData.into());
                }
            }
        };
        if self.bug == Some(Bug::HalfOpen) {
            return asking.await.map(Some);
        }
        let answer = rt.timeout(patience, asking).await;
        match answer {
            Ok(answer) => {
                self.missed = 0;
                answer.map(Some)
            }
            // Half of a line may have been written.
            Err(_) if self.lines.is_writing => Err(ErrorKind::TimedOut.into()),
            Err(_) => {
                self.missed += 1;
                match self.missed {
                    MISSED => Err(ErrorKind::TimedOut.into()),
                    _ => Ok(None),
                }
            }
        }
    }
}

/// A stream of lines, both ways.
pub(super) struct Lines<S> {
    stream: S,
    buffer: Vec<u8>,
    /// Where the line ends that was returned last.
    taken: usize,
    is_writing: bool,
}

impl<S: Stream> Lines<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            taken: 0,
            is_writing: false,
        }
    }

    pub(super) async fn write(&mut self, line: &str) -> io::Result<()> {
        self.is_writing = true;
        self.stream
            .write_all(format!("{line}\n").as_bytes())
            .await?;
        self.is_writing = false;
        Ok(())
    }

    /// The next line, or `None` at the end. What was read of it is kept when this is dropped before.
    pub(super) async fn next(&mut self) -> io::Result<Option<&str>> {
        self.buffer.drain(..std::mem::take(&mut self.taken));
        let end = loop {
            if let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
                break end;
            }
            let mut chunk = [0; 1024];
            match self.stream.read(&mut chunk).await? {
                0 => return Ok(None),
                bytes => self.buffer.extend_from_slice(&chunk[..bytes]),
            }
        };
        self.taken = end + 1;
        let line = std::str::from_utf8(&self.buffer[..end]);
        line.map(Some).map_err(|_| ErrorKind::InvalidData.into())
    }
}
