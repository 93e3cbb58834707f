use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::{JoinHandle, RawTask, SpawnBlocking};

/// Asks the system's resolver on the runtime's blocking threads, and answers for an address itself.
///
/// # For runtime authors
///
/// What [`Resolve::resolve`](crate::Resolve::resolve) of an adapter calls where the runtime has no resolver of its own.
///
/// # Examples
///
/// ```
/// use anyrt_core::SpawnBlocking;
///
/// async fn addresses<R: SpawnBlocking>(rt: &R) -> std::io::Result<usize> {
///     Ok(anyrt_net::lookup(rt, "::1", 80).await?.len())
/// }
/// ```
#[track_caller]
pub fn lookup<R: SpawnBlocking>(
    rt: &R,
    host: &str,
    port: u16,
) -> Lookup<R::BlockingTask<io::Result<Vec<SocketAddr>>>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Lookup(State::Literal(SocketAddr::new(ip, port)));
    }
    let host = host.to_owned();
    Lookup(State::Asked(rt.spawn_blocking(move || ask(&host, port))))
}

/// A question to the system's resolver; made by [`lookup`].
///
/// `H` is the runtime's blocking task.
///
/// # Cancellation
///
/// Dropping it forgets the question.
#[must_use = "futures do nothing unless polled"]
pub struct Lookup<H: RawTask>(State<H>);

enum State<H: RawTask> {
    Literal(SocketAddr),
    Asked(JoinHandle<H>),
}

impl<H: RawTask> Unpin for Lookup<H> {}

impl<H> Future for Lookup<H>
where
    H: RawTask<Output = io::Result<Vec<SocketAddr>>> + Unpin,
{
    type Output = io::Result<Vec<SocketAddr>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match &mut self.0 {
            State::Literal(addr) => Ok(vec![*addr]),
            State::Asked(task) => {
                ready!(Pin::new(task).poll(cx)).unwrap_or_else(|error| Err(io::Error::other(error)))
            }
        })
    }
}

fn ask(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let answer = (host, port).to_socket_addrs().map(Vec::from_iter);
    match answer {
        Ok(all) if !all.is_empty() => Ok(all),
        Ok(_) => Err(not_found(host, &"it has no address")),
        // An error with a number is the system's own; what the resolver says has none.
        Err(error)
            if error.raw_os_error().is_none() && error.kind() != io::ErrorKind::InvalidInput =>
        {
            Err(not_found(host, &error))
        }
        Err(error) => Err(error),
    }
}

fn not_found(host: &str, error: &dyn fmt::Display) -> io::Error {
    let message = format!("cannot resolve `{host}`: {error}");
    io::Error::new(io::ErrorKind::NotFound, message)
}

impl<H: RawTask> fmt::Debug for Lookup<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}
