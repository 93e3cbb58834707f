//! A broker for AMQP 0-9-1 that knows one queue, and what lapin asks for in these tests.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyrt_core::AbortOnDrop;
use anyrt_net::prelude::*;
use futures::io::{AsyncReadExt, AsyncWriteExt};

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const END: u8 = 0xCE;

/// The class of basic, as headers name it.
const BASIC: u16 = 60;

pub(crate) struct Broker {
    pub(crate) addr: SocketAddr,
    acknowledged: Arc<AtomicUsize>,
    task: Mutex<Option<Box<dyn Send>>>,
}

impl Broker {
    /// Serves one connection.
    pub(crate) fn start<R: NetRuntime>(rt: &R) -> Self {
        let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
        let addr = listener.local_addr().unwrap();
        let acknowledged = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&acknowledged);
        let task: AbortOnDrop<_> = rt
            .spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                let session = Session {
                    stream,
                    messages: Vec::new(),
                    acknowledged: counter,
                };
                // It ends with an error where the client goes without a word.
                let _ = session.serve().await;
            })
            .abort_on_drop();
        Self {
            addr,
            acknowledged,
            task: Mutex::new(Some(Box::new(task))),
        }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Drops the connection.
    pub(crate) fn stop(&self) {
        drop(self.task.lock().unwrap().take());
    }
}

struct Session<S> {
    stream: S,
    messages: Vec<Vec<u8>>,
    acknowledged: Arc<AtomicUsize>,
}

struct Frame {
    kind: u8,
    channel: u16,
    payload: Vec<u8>,
}

impl Frame {
    /// The numbers of a method's class and its own.
    fn method(&self) -> (u16, u16) {
        let number = |at| u16::from_be_bytes([self.payload[at], self.payload[at + 1]]);
        (number(0), number(2))
    }
}

/// A method without arguments.
fn method(class: u16, number: u16) -> Vec<u8> {
    [class.to_be_bytes(), number.to_be_bytes()].concat()
}

fn long_string(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&length[..], text.as_bytes()].concat()
}

fn short_string(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    async fn serve(mut self) -> io::Result<()> {
        let mut protocol = [0; 8];
        self.stream.read_exact(&mut protocol).await?;
        assert_eq!(&protocol, b"AMQP\0\0\x09\x01");
        // Version 0.9, and no properties.
        let start = [&method(10, 10)[..], &[0, 9], &[0; 4]].concat();
        let start = [start, long_string("PLAIN"), long_string("en_US")].concat();
        self.send(METHOD, 0, &start).await?;
        loop {
            let frame = self.receive().await?;
            let is_closed = match frame.kind {
                METHOD => self.answer(&frame).await?,
                // A message has a header before its body, and both come after `publish`.
                BODY => {
                    self.messages.push(frame.payload);
                    let tag = (self.messages.len() as u64).to_be_bytes();
                    let ack = [&method(60, 80)[..], &tag, &[0]].concat();
                    self.send(METHOD, frame.channel, &ack).await?;
                    false
                }
                // Headers and heartbeats.
                _ => false,
            };
            if is_closed {
                return Ok(());
            }
        }
    }

    /// Tells whether the connection is closed.
    async fn answer(&mut self, frame: &Frame) -> io::Result<bool> {
        let reply = match frame.method() {
            // Start: tune to no limits and no heartbeats.
            (10, 11) => [&method(10, 30)[..], &[0; 2], &[0, 2, 0, 0], &[0; 2]].concat(),
            // Open.
            (10, 40) => [method(10, 41), short_string("")].concat(),
            // Close of the connection.
            (10, 50) => {
                self.send(METHOD, 0, &method(10, 51)).await?;
                return Ok(true);
            }
            // Open and close of a channel.
            (20, 10) => [method(20, 11), long_string("")].concat(),
            (20, 40) => method(20, 41),
            // A queue of this name, with no messages and consumers.
            (50, 10) => [method(50, 11), short_string("words"), vec![0; 8]].concat(),
            // Confirmations.
            (85, 10) => method(85, 11),
            (60, 20) => {
                let consuming = [method(60, 21), short_string("reader")].concat();
                self.send(METHOD, frame.channel, &consuming).await?;
                self.deliver(frame.channel).await?;
                return Ok(false);
            }
            // An acknowledgement.
            (60, 80) => {
                self.acknowledged.fetch_add(1, Ordering::SeqCst);
                return Ok(false);
            }
            // Tuned, and publish: nothing to say.
            (10, 31) | (60, 40) => return Ok(false),
            other => panic!("the broker does not know {other:?}"),
        };
        self.send(METHOD, frame.channel, &reply).await?;
        Ok(false)
    }

    async fn deliver(&mut self, channel: u16) -> io::Result<()> {
        for (number, message) in std::mem::take(&mut self.messages).into_iter().enumerate() {
            let tag = (number as u64 + 1).to_be_bytes();
            let deliver = [
                &method(60, 60)[..],
                &short_string("reader"),
                &tag,
                &[0],
                &short_string(""),
                &short_string("words"),
            ];
            self.send(METHOD, channel, &deliver.concat()).await?;
            let size = (message.len() as u64).to_be_bytes();
            let header = [&BASIC.to_be_bytes()[..], &[0; 2], &size, &[0; 2]].concat();
            self.send(HEADER, channel, &header).await?;
            self.send(BODY, channel, &message).await?;
        }
        Ok(())
    }

    async fn send(&mut self, kind: u8, channel: u16, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let frame = [
            &[kind],
            &channel.to_be_bytes()[..],
            &length,
            payload,
            &[END],
        ];
        self.stream.write_all(&frame.concat()).await
    }

    async fn receive(&mut self) -> io::Result<Frame> {
        let mut head = [0; 7];
        self.stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
        let mut payload = vec![0; length as usize + 1];
        self.stream.read_exact(&mut payload).await?;
        assert_eq!(payload.pop(), Some(END));
        Ok(Frame {
            kind: head[0],
            channel: u16::from_be_bytes([head[1], head[2]]),
            payload,
        })
    }
}
