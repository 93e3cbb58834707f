use std::io::{self, Write};
use std::pin::pin;
use std::time::Duration;

use anyrt_core::{Instant, MissedTick, Timer};
use anyrt_net::{Resolve, Tcp};
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};

use super::Progress;
use super::head::Head;
use super::url::Url;

/// How often the progress is told.
const STEP: Duration = Duration::from_millis(100);
/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Downloads `url` into `file`. Calls `progress` ten times a second between two polls, also while the server is silent, and returns
/// how far it was at the end.
///
/// `file` is written to on the caller's thread.
///
/// # Cancellation
///
/// Dropping the future closes the connection. `file` holds the beginning of the file.
///
/// # Errors
///
/// `InvalidInput` for an address that is none, those of [`connect_host`](Tcp::connect_host), `Other` for any answer but 200,
/// `InvalidData` for one that is not HTTP, `UnexpectedEof` for a file that is not whole, and `TimedOut` when the server is silent for
/// 30 s.
pub async fn download<R>(
    rt: &R,
    url: &str,
    mut file: impl Write,
    mut progress: impl FnMut(Progress),
) -> io::Result<Progress>
where
    R: Tcp + Resolve + Timer + Clone,
{
    let url = Url::parse(url)?;
    let begun = rt.now();
    let mut stream = rt
        .timeout(PATIENCE, rt.connect_host(url.host, url.port))
        .await??;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        url.path, url.authority
    );
    stream.write_all(request.as_bytes()).await?;

    let mut ticks = pin!(rt.interval(STEP).missed_tick(MissedTick::Skip));
    let mut heard = Heard::new();
    let mut last = rt.now();
    let mut chunk = vec![0; 16 * 1024];
    while !heard.is_done() {
        let reading = stream.read(&mut chunk);
        let tick = pin!(ticks.as_mut().tick());
        match select(reading, tick).await {
            Either::Left((bytes, _)) => {
                last = rt.now();
                match bytes? {
                    0 => {
                        heard.end()?;
                        break;
                    }
                    bytes => heard.take(&chunk[..bytes], &mut file)?,
                }
            }
            Either::Right((now, _)) if silent_for(last, now) > PATIENCE => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Either::Right((now, _)) => progress(heard.progress(silent_for(begun, now))),
        }
    }
    file.flush()?;
    Ok(heard.progress(rt.now() - begun))
}

fn silent_for(last: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(last)
}

/// What came from the server.
struct Heard {
    head: Option<Head>,
    /// What was read and not understood yet.
    input: Vec<u8>,
    received: u64,
}

impl Heard {
    fn new() -> Self {
        Self {
            head: None,
            input: Vec::new(),
            received: 0,
        }
    }

    fn take(&mut self, bytes: &[u8], file: &mut impl Write) -> io::Result<()> {
        self.input.extend_from_slice(bytes);
        if self.head.is_none() {
            self.head = Head::parse(&self.input)?;
            let length = self.head.as_ref().map_or(0, |head| head.length);
            self.input.drain(..length);
        }
        let Some(head) = &mut self.head else {
            return Ok(());
        };
        let mut rest = &self.input[..];
        loop {
            let data = head.framing.next(&mut rest)?;
            if data.is_empty() {
                break;
            }
            file.write_all(data)?;
            self.received += data.len() as u64;
        }
        let taken = self.input.len() - rest.len();
        self.input.drain(..taken);
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.head
            .as_ref()
            .is_some_and(|head| head.framing.is_done())
    }

    /// Whether the server may close now.
    fn end(&self) -> io::Result<()> {
        match &self.head {
            Some(head) => head.framing.end(),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn progress(&self, elapsed: Duration) -> Progress {
        Progress {
            received: self.received,
            total: self.head.as_ref().and_then(|head| head.framing.total()),
            elapsed,
        }
    }
}
