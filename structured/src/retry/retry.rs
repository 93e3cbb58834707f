use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyrt_core::Timer;
use pin_project_lite::pin_project;

use crate::{Backoff, Delays};

/// Calls `attempt` until it succeeds or `backoff` has no attempt left. The pauses are slept on `timer`.
///
/// - To give up at once on some errors, use [`Retry::when`].
/// - To limit the whole, wrap it in [`Timer::timeout`]. To limit each attempt, put the timeout into `attempt`.
/// - To stop it, wrap it in
///   [`CancellationToken::run_until_cancelled`](crate::CancellationToken::run_until_cancelled).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::Timer;
/// use anyrt_structured::{Backoff, retry};
///
/// async fn connect<T: Timer + Clone>(timer: &T, seed: u64) -> Result<u32, String> {
///     let backoff = Backoff::exponential(Duration::from_millis(1)).attempts(4).jitter(0.5, seed);
///     let mut tries = 0;
///     retry(timer, &backoff, || {
///         tries += 1;
///         let tries = tries;
///         async move { if tries < 3 { Err(format!("refused {tries}")) } else { Ok(tries) } }
///     })
///     .await
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(connect(&rt.handle(), 1)), Ok(3));
/// ```
pub fn retry<T, A, F, V, E>(
    timer: &T,
    backoff: &Backoff,
    attempt: A,
) -> Retry<T, A, F, fn(&E) -> bool>
where
    T: Timer + Clone,
    A: FnMut() -> F,
    F: Future<Output = Result<V, E>>,
{
    Retry {
        timer: timer.clone(),
        delays: backoff.delays(),
        attempt,
        when: |_| true,
        state: State::Start,
    }
}

pin_project! {
    /// The future of [`retry`]. It yields the first success, or the last error.
    ///
    /// # Contract
    ///
    /// - When attempt `k` succeeds, `attempt` was called `k` times and the `k - 1` pauses were slept, no longer than the timer's
    ///   resolution makes them (`retry::calls_and_waits_are_exact`).
    /// - An error that [`when`](Self::when) refuses is yielded at once (`retry::gives_up_when_told`).
    /// - The future of a failed attempt is dropped before the pause begins (`retry::drops_the_attempt_before_the_pause`).
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the attempt or ends the pause.
    ///
    /// # Panics
    ///
    /// When it is polled again after it was ready.
    ///
    /// # Cost
    ///
    /// No allocation. Its size is that of the larger of one attempt and one sleep, plus 64 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    /// use anyrt_structured::{Backoff, retry};
    ///
    /// async fn read<T: Timer + Clone>(timer: &T) -> io::Result<u32> {
    ///     retry(timer, &Backoff::constant(Duration::from_millis(1)), || async { Err(io::ErrorKind::NotFound.into()) })
    ///         .when(|error: &io::Error| error.kind() == io::ErrorKind::Interrupted)
    ///         .await
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// assert_eq!(rt.block_on(read(&rt.handle())).unwrap_err().kind(), io::ErrorKind::NotFound);
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct Retry<T, A, F, P>
    where
        T: Timer,
    {
        timer: T,
        delays: Delays,
        attempt: A,
        when: P,
        #[pin]
        state: State<F, T::Sleep>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, S> {
        Start,
        Attempt { #[pin] future: F },
        Pause { #[pin] sleep: S },
        Done,
    }
}

impl<T: Timer, A, F, P> Retry<T, A, F, P> {
    /// Retries only after errors for which `when` returns true. Any other error is yielded at once.
    pub fn when<V, E, W>(self, when: W) -> Retry<T, A, F, W>
    where
        F: Future<Output = Result<V, E>>,
        W: FnMut(&E) -> bool,
    {
        Retry {
            timer: self.timer,
            delays: self.delays,
            attempt: self.attempt,
            when,
            state: State::Start,
        }
    }
}

impl<T, A, F, P, V, E> Future for Retry<T, A, F, P>
where
    T: Timer,
    A: FnMut() -> F,
    F: Future<Output = Result<V, E>>,
    P: FnMut(&E) -> bool,
{
    type Output = Result<V, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<V, E>> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Start => {}
                StateProj::Attempt { future } => {
                    let error = match ready!(future.poll(cx)) {
                        Err(error) if (this.when)(&error) => error,
                        other => {
                            this.state.set(State::Done);
                            return Poll::Ready(other);
                        }
                    };
                    let Some(delay) = this.delays.next() else {
                        this.state.set(State::Done);
                        return Poll::Ready(Err(error));
                    };
                    // Drops the attempt, and with it what it holds open; the pause counts from there.
                    this.state.set(State::Start);
                    let sleep = this.timer.sleep(delay);
                    this.state.set(State::Pause { sleep });
                    continue;
                }
                StateProj::Pause { sleep } => ready!(sleep.poll(cx)),
                StateProj::Done => panic!("`Retry` polled after it was ready"),
            }
            let future = (this.attempt)();
            this.state.set(State::Attempt { future });
        }
    }
}

impl<T: Timer, A, F, P> fmt::Debug for Retry<T, A, F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("delays", &self.delays)
            .finish_non_exhaustive()
    }
}
