use std::future::pending;
use std::io::{self, Write};
use std::time::Duration;

use anyrt_core::Timer;
use anyrt_net::{Resolve, Tcp};
use anyrt_progress::{Body, Limits, Progress};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::stream::{Stream, try_unfold};

use super::head::Head;
use super::url::Url;

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
    file: impl Write,
    progress: impl FnMut(Progress),
) -> io::Result<Progress>
where
    R: Tcp + Resolve + Timer + Clone,
{
    let limits = Limits {
        silence: PATIENCE,
        whole: None,
    };
    anyrt_progress::download(rt, get(rt, url), limits, pending(), file, progress).await
}

/// Asks for `url`, and returns its body once the head of the answer is there.
async fn get<R: Tcp + Resolve + Timer + Clone>(
    rt: &R,
    url: &str,
) -> io::Result<Body<impl Stream<Item = io::Result<Vec<u8>>> + use<R>>> {
    let url = Url::parse(url)?;
    let mut stream = rt.connect_host(url.host, url.port).await?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        url.path, url.authority
    );
    stream.write_all(request.as_bytes()).await?;

    let mut chunk = vec![0; 16 * 1024];
    // What was read and not understood yet.
    let mut input = Vec::new();
    let head = loop {
        match stream.read(&mut chunk).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            bytes => input.extend_from_slice(&chunk[..bytes]),
        }
        if let Some(head) = Head::parse(&input)? {
            break head;
        }
    };
    input.drain(..head.length);
    let total = head.framing.total();
    let state = (stream, head.framing, input, chunk);
    let pieces = try_unfold(
        state,
        async |(mut stream, mut framing, mut input, mut chunk)| {
            loop {
                let mut rest = &input[..];
                let piece = framing.next(&mut rest)?.to_vec();
                let taken = input.len() - rest.len();
                input.drain(..taken);
                if !piece.is_empty() {
                    return Ok(Some((piece, (stream, framing, input, chunk))));
                }
                if framing.is_done() {
                    return Ok(None);
                }
                match stream.read(&mut chunk).await? {
                    0 => return framing.end().map(|()| None),
                    bytes => input.extend_from_slice(&chunk[..bytes]),
                }
            }
        },
    );
    Ok(Body { total, pieces })
}
