//! The server on `async-net` and smol's executor.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_net::{TcpListener, TcpStream};
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use smol::future::or;
use smol::{Executor, Timer};

use crate::hall::{Backlog, Bye, Hall, Inbox, Lines, Settings, User};

/// Serves the hall to whoever connects, until `stop` is ready; then says `bye` to everybody and waits until they are gone.
///
/// # Errors
///
/// Those of the listener.
pub async fn serve(
    executor: Arc<Executor<'static>>,
    listener: TcpListener,
    hall: Arc<Hall>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (session, sessions) = async_channel::bounded::<()>(1);
    let mut stop = pin!(stop);
    let result = loop {
        match select(&mut stop, pin!(listener.accept())).await {
            Either::Right((Ok((stream, _)), _)) => {
                let (inner, hall, session) = (executor.clone(), hall.clone(), session.clone());
                let task = executor.spawn(async move {
                    converse(inner, stream, hall).await.ok();
                    drop(session);
                });
                task.detach();
            }
            Either::Right((Err(error), _)) => break Err(error),
            Either::Left(_) => break Ok(()),
        }
    };
    drop((session, listener));
    hall.close();
    timeout(hall.settings().grace, sessions.recv()).await;
    result
}

async fn converse(
    executor: Arc<Executor<'static>>,
    stream: TcpStream,
    hall: Arc<Hall>,
) -> io::Result<()> {
    let Some((user, inbox)) = hall.enter() else {
        return Ok(());
    };
    stream.set_nodelay(true)?;
    // A clone of the stream shares its socket.
    let _listening = executor.spawn(listen(stream.clone(), user, hall.settings().clone()));
    write(stream, inbox, hall.settings()).await
}

async fn listen(mut reader: TcpStream, mut user: User, settings: Settings) {
    let mut lines = Lines::default();
    let bye = loop {
        match lines
            .next_line()
            .map(|line| line.map(|line| user.hear(line)))
        {
            Ok(Some(Ok(None))) => {}
            Ok(Some(Ok(Some(backlog)))) => deliver(backlog, &settings).await,
            Ok(Some(Err(bye))) => break bye,
            Ok(None) => match timeout(settings.idle, reader.read(lines.space())).await {
                Some(Ok(0) | Err(_)) => break Bye::Quit,
                Some(Ok(bytes)) => lines.filled(bytes),
                None => break Bye::Idle,
            },
            Err(_) => break Bye::NotUnderstood,
        }
    };
    user.end(bye);
}

async fn deliver(backlog: Backlog, settings: &Settings) {
    let deadline = Instant::now() + settings.patience;
    for outbox in backlog.full {
        let put = outbox.put(backlog.line.clone());
        let rest = deadline.saturating_duration_since(Instant::now());
        if timeout(rest, put).await.is_none() {
            outbox.end(Bye::TooSlow);
        }
    }
}

async fn write(mut writer: TcpStream, inbox: Inbox, settings: &Settings) -> io::Result<()> {
    let mut text = String::new();
    let mut goes_on = true;
    while goes_on {
        goes_on = inbox.next_lines(&mut text).await;
        let writing = writer.write_all(text.as_bytes());
        let written = timeout(settings.patience, writing).await;
        written.ok_or(io::ErrorKind::TimedOut)??;
        text = String::new();
    }
    writer.shutdown(Shutdown::Write)
}

/// The output of `future`, or `None` when the time is over.
async fn timeout<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let output = async { Some(future.await) };
    let late = async {
        Timer::after(limit).await;
        None
    };
    or(output, late).await
}
