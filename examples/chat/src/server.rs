use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use anyrt_core::prelude::*;
use anyrt_net::{TcpOptions, prelude::*};
use futures::StreamExt;
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};

use crate::hall::{Backlog, Bye, Hall, Inbox, Lines, Settings, User};

/// Serves the hall to whoever connects, until `stop` is ready; then says `bye` to everybody and waits until they are gone.
///
/// # Errors
///
/// Those of the listener. What goes wrong with one connection ends that connection.
pub async fn serve<R: NetRuntime>(
    rt: R,
    listener: R::TcpListener,
    hall: Arc<Hall>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    // Each session holds a sender, and nobody sends: the receiver is ready when the last one is gone.
    let (session, sessions) = async_channel::bounded::<()>(1);
    let mut stop = pin!(stop);
    let result = {
        let mut incoming = pin!(listener.incoming(rt.clone()));
        loop {
            match select(&mut stop, incoming.next()).await {
                Either::Right((Some(Ok((stream, _))), _)) => {
                    let (timer, hall, session) = (rt.clone(), hall.clone(), session.clone());
                    rt.spawn_detached(async move {
                        converse(timer, stream, hall).await.ok();
                        drop(session);
                    });
                }
                Either::Right((Some(Err(error)), _)) => break Err(error),
                Either::Right((None, _)) | Either::Left(_) => break Ok(()),
            }
        }
    };
    drop(session);
    hall.close();
    rt.timeout(hall.settings().grace, sessions.recv())
        .await
        .ok();
    result
}

/// One connection: this task writes, another one reads.
async fn converse<R: NetRuntime>(rt: R, stream: R::TcpStream, hall: Arc<Hall>) -> io::Result<()> {
    let Some((user, inbox)) = hall.enter() else {
        return Ok(());
    };
    // Lines are short, and somebody waits for each.
    stream.set_options(&TcpOptions::new().nodelay(true))?;
    let (reader, writer) = stream.into_split();
    let settings = hall.settings().clone();
    let listening = rt.spawn(listen(rt.clone(), reader, user, settings));
    // When nothing more can be written, nobody listens any more.
    let _listening = listening.abort_on_drop();
    write(&rt, writer, inbox, hall.settings()).await
}

/// Reads what a user says, and waits for those who have not read it yet.
async fn listen<T: Timer + Clone>(
    timer: T,
    mut reader: impl AsyncRead + Unpin,
    mut user: User,
    settings: Settings,
) {
    let mut lines = Lines::default();
    let bye = loop {
        match lines
            .next_line()
            .map(|line| line.map(|line| user.hear(line)))
        {
            Ok(Some(Ok(None))) => {}
            Ok(Some(Ok(Some(backlog)))) => deliver(&timer, backlog, &settings).await,
            Ok(Some(Err(bye))) => break bye,
            Ok(None) => {
                let reading = reader.read(lines.space());
                match timer.timeout(settings.idle, reading).await {
                    Ok(Ok(0) | Err(_)) => break Bye::Quit,
                    Ok(Ok(bytes)) => lines.filled(bytes),
                    Err(_) => break Bye::Idle,
                }
            }
            Err(_) => break Bye::NotUnderstood,
        }
    };
    user.end(bye);
}

/// Waits for slow readers, and sends them away when their time is over.
async fn deliver<T: Timer + Clone>(timer: &T, backlog: Backlog, settings: &Settings) {
    let deadline = timer.now() + settings.patience;
    for outbox in backlog.full {
        let put = outbox.put(backlog.line.clone());
        if timer.timeout_at(deadline, put).await.is_err() {
            outbox.end(Bye::TooSlow);
        }
    }
}

/// Writes what there is to a user, until the conversation ends.
async fn write<T: Timer + Clone>(
    timer: &T,
    mut writer: impl AsyncWrite + Unpin,
    inbox: Inbox,
    settings: &Settings,
) -> io::Result<()> {
    let mut text = String::new();
    let mut goes_on = true;
    while goes_on {
        goes_on = inbox.next_lines(&mut text).await;
        let writing = writer.write_all(text.as_bytes());
        timer.timeout(settings.patience, writing).await??;
        // A buffer is for the busy: most users wait for most of the time.
        text = String::new();
    }
    writer.close().await
}
