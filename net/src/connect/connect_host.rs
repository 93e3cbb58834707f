use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anyrt_core::Timer;
use pin_project_lite::pin_project;

use super::order::interleave;
use crate::{Resolve, Tcp, TcpOptions};

/// The Connection Attempt Delay of RFC 8305, section 5.
const DELAY: Duration = Duration::from_millis(250);

pin_project! {
    /// Resolves a name and connects to the first of its addresses that answers, as RFC 8305 has it ("happy eyeballs"); made by
    /// [`Tcp::connect_host`].
    ///
    /// The families take turns. Each attempt has 250 ms on the runtime's clock before the next begins beside it; one that fails
    /// makes the next begin at once. The first to succeed wins, and the others are given up.
    ///
    /// # Contract
    ///
    /// - An address that refuses is passed over (`net::connect_host_passes_over_failures`).
    /// - One that does not answer delays by 250 ms, not by the system's patience (`net::connect_host_races`).
    /// - When all fail, the error has the kind of the first failure and names every address with its own
    ///   (`net::connect_host_names_failures`).
    ///
    /// # Cancellation
    ///
    /// Dropping it gives up every attempt.
    ///
    /// # Cost
    ///
    /// Two allocations, and those of the resolver and of each attempt.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    ///
    /// async fn dial<R: NetRuntime>(rt: &R) -> std::io::Result<R::TcpStream> {
    ///     rt.timeout(Duration::from_secs(10), rt.connect_host("example.org", 443)).await?
    /// }
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct ConnectHost<R>
    where
        R: Tcp,
        R: Resolve,
        R: Timer,
    {
        rt: R,
        options: TcpOptions,
        lookup: Option<R::Lookup>,
        waiting: VecDeque<SocketAddr>,
        attempts: Vec<(SocketAddr, R::TcpConnect)>,
        failures: Vec<(SocketAddr, io::Error)>,
        // When the next attempt begins, if none fails before.
        #[pin]
        delay: Option<R::Sleep>,
    }
}

impl<R: Tcp + Resolve + Timer + Clone> ConnectHost<R> {
    #[track_caller]
    pub(crate) fn new(rt: &R, host: &str, port: u16, options: &TcpOptions) -> Self {
        Self {
            rt: rt.clone(),
            options: options.clone(),
            lookup: Some(rt.resolve(host, port)),
            waiting: VecDeque::new(),
            attempts: Vec::new(),
            failures: Vec::new(),
            delay: None,
        }
    }
}

impl<R: Tcp + Resolve + Timer> Future for ConnectHost<R> {
    type Output = io::Result<R::TcpStream>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(lookup) = this.lookup {
            let found = ready!(Pin::new(lookup).poll(cx));
            *this.lookup = None;
            *this.waiting = interleave(found?, this.options.local_addr);
        }
        // Nothing was begun yet, or an attempt failed, or its delay has passed.
        let mut is_due = this.attempts.is_empty();
        loop {
            let mut index = 0;
            while let Some((addr, attempt)) = this.attempts.get_mut(index) {
                match Pin::new(attempt).poll(cx) {
                    Poll::Ready(Ok(stream)) => {
                        this.attempts.clear();
                        return Poll::Ready(Ok(stream));
                    }
                    Poll::Ready(Err(error)) => {
                        this.failures.push((*addr, error));
                        drop(this.attempts.remove(index));
                        is_due = true;
                    }
                    Poll::Pending => index += 1,
                }
            }
            if let Some(delay) = this.delay.as_mut().as_pin_mut() {
                is_due |= delay.poll(cx).is_ready();
            }
            if !is_due {
                return Poll::Pending;
            }
            is_due = false;
            let Some(addr) = this.waiting.pop_front() else {
                this.delay.set(None);
                if this.attempts.is_empty() {
                    return Poll::Ready(Err(failure(std::mem::take(this.failures))));
                }
                return Poll::Pending;
            };
            let attempt = this.rt.tcp_connect_with(addr, this.options);
            this.attempts.push((addr, attempt));
            let delay = (!this.waiting.is_empty()).then(|| this.rt.sleep(DELAY));
            this.delay.set(delay);
        }
    }
}

/// What is told when no address answered.
fn failure(failures: Vec<(SocketAddr, io::Error)>) -> io::Error {
    let Some((_, first)) = failures.first() else {
        return io::Error::new(
            io::ErrorKind::AddrNotAvailable,
            "no address of the host is of the family of `local_addr`",
        );
    };
    let kind = first.kind();
    let mut message = String::from("no address of the host answered");
    for (addr, error) in &failures {
        // A string takes everything.
        let _ = write!(message, "; {addr}: {error}");
    }
    io::Error::new(kind, message)
}

impl<R: Tcp + Resolve + Timer> fmt::Debug for ConnectHost<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectHost").finish_non_exhaustive()
    }
}
