use std::future::Future;
use std::io::{self, ErrorKind, Write};
use std::pin::pin;
use std::time::Duration;

use anyrt_core::{MissedTick, Timer};
use futures::future::{Either, select};
use futures::stream::{Stream, StreamExt};

use crate::{Body, Limits, Progress};

/// How often the progress is told.
const STEP: Duration = Duration::from_millis(100);

/// Downloads what `open` opens into `file`, until it is whole, `cancel` completes or a limit is reached. Calls `progress` ten times a
/// second between two polls, also while the source is silent, and returns how far it was at the end.
///
/// `file` is written to on the caller's thread.
///
/// # Cancellation
///
/// Dropping the future drops the body, and so does `cancel`, which makes it an error. `file` holds the beginning of the file.
///
/// # Errors
///
/// `Interrupted` when `cancel` has completed, `TimedOut` when a limit is reached, `UnexpectedEof` for a file that is not whole, and those
/// of `open`, of the body and of `file`.
pub async fn download<R, S, B>(
    rt: &R,
    open: impl Future<Output = io::Result<Body<S>>>,
    limits: Limits,
    cancel: impl Future<Output = ()>,
    file: impl Write,
    progress: impl FnMut(Progress),
) -> io::Result<Progress>
where
    R: Timer + Clone,
    S: Stream<Item = io::Result<B>>,
    B: AsRef<[u8]>,
{
    let transfer = transfer(rt, open, limits.silence, file, progress);
    let limited = async {
        match limits.whole {
            None => transfer.await,
            Some(limit) => rt.timeout(limit, transfer).await.unwrap_or_else(|_| {
                let message = format!("the download took longer than {limit:?}");
                Err(io::Error::new(ErrorKind::TimedOut, message))
            }),
        }
    };
    match select(pin!(cancel), pin!(limited)).await {
        Either::Left(_) => Err(io::Error::new(
            ErrorKind::Interrupted,
            "the download was cancelled",
        )),
        Either::Right((done, _)) => done,
    }
}

async fn transfer<R, S, B>(
    rt: &R,
    open: impl Future<Output = io::Result<Body<S>>>,
    silence: Duration,
    mut file: impl Write,
    mut progress: impl FnMut(Progress),
) -> io::Result<Progress>
where
    R: Timer + Clone,
    S: Stream<Item = io::Result<B>>,
    B: AsRef<[u8]>,
{
    let silent = || {
        let message = format!("the source was silent for {silence:?}");
        io::Error::new(ErrorKind::TimedOut, message)
    };
    let begun = rt.now();
    let opened = rt.timeout(silence, open).await;
    let Body { total, pieces } = opened.unwrap_or_else(|_| Err(silent()))?;
    let mut pieces = pin!(pieces);
    let mut ticks = pin!(rt.interval(STEP).missed_tick(MissedTick::Skip));
    let mut last = rt.now();
    let mut received = 0;
    loop {
        // Dropping either loses nothing: the next piece stays in the stream, and the tick comes again.
        let tick = pin!(ticks.as_mut().tick());
        match select(tick, pieces.next()).await {
            Either::Left((now, _)) if now.saturating_duration_since(last) > silence => {
                return Err(silent());
            }
            Either::Left((now, _)) => progress(Progress {
                received,
                total,
                elapsed: now.saturating_duration_since(begun),
            }),
            Either::Right((None, _)) => break,
            Either::Right((Some(piece), _)) => {
                let piece = piece?;
                file.write_all(piece.as_ref())?;
                received += piece.as_ref().len() as u64;
                last = rt.now();
            }
        }
    }
    if total.is_some_and(|total| received < total) {
        let message = "the source ended before the file was whole";
        return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
    }
    file.flush()?;
    Ok(Progress {
        received,
        total,
        elapsed: rt.now() - begun,
    })
}
