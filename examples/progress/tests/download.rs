//! The page's download on tokio, on smol and in a simulation, from a source in memory.

use std::future::{Future, pending};
use std::io::{self, ErrorKind};
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyrt_core::{Config, Launch, Timer};
use anyrt_progress::{Body, Limits, Progress, download};
use futures::FutureExt;
use futures::channel::{mpsc, oneshot};
use futures::stream::{self, Stream};

type Piece = io::Result<&'static [u8]>;

async fn body<S: Stream<Item = Piece>>(pieces: S) -> io::Result<Body<S>> {
    let total = Some(8);
    Ok(Body { total, pieces })
}

/// The second half comes only after the progress was told between the two: it is live, or this hangs.
async fn the_bar_moves_while_bytes_come<R: Timer + Clone>(rt: R) {
    let (send, pieces) = mpsc::unbounded::<Piece>();
    send.unbounded_send(Ok(b"moin")).unwrap();
    let mut send = Some(send);
    let mut told = Vec::new();
    let progress = |progress: Progress| {
        told.push(progress.received);
        if progress.received == 4 {
            if let Some(send) = send.take() {
                send.unbounded_send(Ok(b"moin")).unwrap();
            }
        }
    };
    let mut file = Vec::new();
    let done = download(
        &rt,
        body(pieces),
        Limits::new(),
        pending(),
        &mut file,
        progress,
    );
    let done = done.await.unwrap();
    assert_eq!((done.received, done.total), (8, Some(8)));
    assert_eq!(file, b"moinmoin");
    assert!(told.is_sorted() && told.contains(&4));
}

async fn cancelling_stops_the_source<R: Timer + Clone>(rt: R) {
    let (send, pieces) = mpsc::unbounded::<Piece>();
    send.unbounded_send(Ok(b"moin")).unwrap();
    let (click, clicked) = oneshot::channel();
    let mut click = Some(click);
    let mut file = Vec::new();
    let done = download(
        &rt,
        body(pieces),
        Limits::new(),
        clicked.map(drop),
        &mut file,
        |progress| {
            if progress.received == 4 {
                click.take().map(|click| click.send(()));
            }
        },
    );
    let error = done.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(file, b"moin");
    assert!(send.is_closed());
}

async fn each_limit_stops_the_source<R: Timer + Clone>(rt: R) {
    let short = Duration::from_millis(250);
    let long = Duration::from_secs(3600);
    for (silence, whole, message) in [
        (long, Some(short), "took longer than 250ms"),
        (short, None, "was silent for 250ms"),
    ] {
        let limits = Limits { silence, whole };
        let (send, pieces) = mpsc::unbounded::<Piece>();
        send.unbounded_send(Ok(b"moin")).unwrap();
        let done = download(&rt, body(pieces), limits, pending(), io::sink(), drop);
        let error = done.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.to_string().ends_with(message), "{error}");
        assert!(send.is_closed());

        let open = pending::<io::Result<Body<stream::Pending<Piece>>>>();
        let done = download(&rt, open, limits, pending(), io::sink(), drop);
        assert_eq!(done.await.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}

async fn a_file_that_is_not_whole_is_an_error<R: Timer + Clone>(rt: R) {
    let pieces = stream::iter([Ok(&b"moin"[..])]);
    let done = download(
        &rt,
        body(pieces),
        Limits::new(),
        pending(),
        io::sink(),
        drop,
    );
    assert_eq!(done.await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    let pieces = stream::iter([Ok(&b"moin"[..]), Err(ErrorKind::ConnectionReset.into())]);
    let done = download(
        &rt,
        body(pieces),
        Limits::new(),
        pending(),
        io::sink(),
        drop,
    );
    assert_eq!(done.await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

/// Runs `case`, and fails when it has not ended after a minute.
fn on<L: Launch, F: Future<Output = ()>>(case: impl FnOnce(L::Handle) -> F + Send + 'static) {
    let (done, end) = channel::<()>();
    let thread = thread::spawn(move || {
        // Dropped at the end, also by a panic.
        let _done = done;
        let owner = L::launch(Config::new()).unwrap();
        owner.block_on(case(owner.handle()));
    });
    if let Err(RecvTimeoutError::Timeout) = end.recv_timeout(Duration::from_secs(60)) {
        panic!("the test hangs");
    }
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

macro_rules! on_each {
    ($($runtime:ident: $owner:ty;)*) => {$(
        mod $runtime {
            use super::*;

            #[test]
            fn the_bar_moves_while_bytes_come() {
                on::<$owner, _>(super::the_bar_moves_while_bytes_come);
            }

            #[test]
            fn cancelling_stops_the_source() {
                on::<$owner, _>(super::cancelling_stops_the_source);
            }

            #[test]
            fn each_limit_stops_the_source() {
                on::<$owner, _>(super::each_limit_stops_the_source);
            }

            #[test]
            fn a_file_that_is_not_whole_is_an_error() {
                on::<$owner, _>(super::a_file_that_is_not_whole_is_an_error);
            }
        }
    )*};
}

on_each! {
    tokio: anyrt_tokio::Owned;
    tokio_local: anyrt_tokio::Local;
    smol: anyrt_smol::Owned;
    sim: anyrt_sim::Owned;
}
