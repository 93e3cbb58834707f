//! The server on `tokio::net`.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

use crate::hall::{Backlog, Bye, Hall, Inbox, Lines, Settings, User};

/// Serves the hall to whoever connects, until `stop` is ready; then says `bye` to everybody and waits until they are gone.
///
/// # Errors
///
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    hall: Arc<Hall>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (session, sessions) = async_channel::bounded::<()>(1);
    let mut stop = pin!(stop);
    let result = loop {
        tokio::select! {
            biased;
            () = &mut stop => break Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (hall, session) = (hall.clone(), session.clone());
                    tokio::spawn(async move {
                        converse(stream, hall).await.ok();
                        drop(session);
                    });
                }
                Err(error) => break Err(error),
            },
        }
    };
    drop((session, listener));
    hall.close();
    timeout(hall.settings().grace, sessions.recv()).await.ok();
    result
}

async fn converse(stream: TcpStream, hall: Arc<Hall>) -> io::Result<()> {
    let Some((user, inbox)) = hall.enter() else {
        return Ok(());
    };
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    let listening = tokio::spawn(listen(reader, user, hall.settings().clone()));
    let result = write(writer, inbox, hall.settings()).await;
    listening.abort();
    result
}

async fn listen(mut reader: OwnedReadHalf, mut user: User, settings: Settings) {
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
                Ok(Ok(0) | Err(_)) => break Bye::Quit,
                Ok(Ok(bytes)) => lines.filled(bytes),
                Err(_) => break Bye::Idle,
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
        if timeout_at(deadline, put).await.is_err() {
            outbox.end(Bye::TooSlow);
        }
    }
}

async fn write(mut writer: OwnedWriteHalf, inbox: Inbox, settings: &Settings) -> io::Result<()> {
    let mut text = String::new();
    let mut goes_on = true;
    while goes_on {
        goes_on = inbox.next_lines(&mut text).await;
        timeout(settings.patience, writer.write_all(text.as_bytes())).await??;
        text = String::new();
    }
    writer.shutdown().await
}
