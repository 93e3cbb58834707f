use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use pin_project_lite::pin_project;

use crate::{Elapsed, Instant, Timer};

pin_project! {
    /// A future with a time limit; made by [`Timer::timeout`] and [`Timer::timeout_at`].
    ///
    /// It resolves to the future's output, or to [`Elapsed`] once the limit has passed. The limit counts from the call that
    /// made it, not from the first poll.
    ///
    /// # Contract
    ///
    /// - The future is polled first, every time, so that a value that is there wins over a limit that has passed
    ///   (`timeout::value_wins`), also with a limit of zero (`timeout::polls_the_value_at_least_once`,
    ///   `timeout::zero_elapses_at_once`).
    /// - The limit counts from the call (`timeout::counts_from_the_call`), in a root as in a task (`timeout::root_is_as_a_task`);
    ///   one until a deadline elapses there (`timeout::until_a_deadline_elapses_there`).
    /// - A limit of `Duration::MAX` never elapses (`timeout::endless_never_elapses`).
    /// - A panic of the future passes through (`timeout::panic_passes_through`).
    /// - After [`Elapsed`] the future is still there, until the `Timeout` is dropped
    ///   (`timeout::keeps_the_future_after_elapsing`): see [`get_pin_mut`](Self::get_pin_mut) and
    ///   [`into_inner`](Self::into_inner).
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the future and takes the wake-up back.
    ///
    /// # Cost
    ///
    /// One reading of the clock for a future that is ready at once: no timer is armed and nothing is allocated
    /// (`timeout::ready_value_arms_nothing`). Otherwise one sleep of the runtime besides. Its size is that of the future plus
    /// that of the sleep plus at most 24 bytes.
    ///
    /// # Examples
    ///
    /// Giving a slow future a second chance:
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn patient<T: Timer + Clone>(timer: &T) -> u32 {
    ///     let slow = async { timer.sleep(Duration::from_millis(5)).await; 7 };
    ///     let mut slow = pin!(slow);
    ///     match timer.timeout(Duration::from_millis(1), slow.as_mut()).await {
    ///         Ok(value) => value,
    ///         Err(elapsed) => {
    ///             println!("still waiting: {elapsed}");
    ///             slow.await
    ///         }
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(patient(&rt.handle())), 7);
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub struct Timeout<F, T>
    where
        T: Timer,
    {
        #[pin]
        future: F,
        #[pin]
        limit: Limit<T>,
    }
}

pin_project! {
    #[project = LimitProj]
    enum Limit<T>
    where
        T: Timer,
    {
        /// No sleep was needed so far.
        Waiting { timer: T, deadline: Deadline },
        Armed { #[pin] sleep: T::Sleep },
    }
}

#[derive(Clone, Copy)]
enum Deadline {
    /// The limit is zero: no clock is needed to know that it has passed.
    Passed,
    At(Instant),
    /// The limit lies beyond what the clock can hold.
    Never,
}

impl<F, T: Timer> Timeout<F, T> {
    #[inline]
    pub(crate) fn new(timer: T, duration: Duration, future: F) -> Self {
        let deadline = if duration.is_zero() {
            Deadline::Passed
        } else {
            timer
                .now()
                .checked_add(duration)
                .map_or(Deadline::Never, Deadline::At)
        };
        Self {
            future,
            limit: Limit::Waiting { timer, deadline },
        }
    }

    #[inline]
    pub(crate) fn at(timer: T, deadline: Instant, future: F) -> Self {
        Self {
            future,
            limit: Limit::Waiting {
                timer,
                deadline: Deadline::At(deadline),
            },
        }
    }

    /// The future under the limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn named<T: Timer + Clone>(timer: &T) -> &'static str {
    ///     let limited = timer.timeout(Duration::from_secs(1), std::future::ready("moin"));
    ///     println!("waiting for {:?}", limited.get_ref());
    ///     limited.await.unwrap_or("too late")
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(named(&rt.handle())), "moin");
    /// ```
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// The future under the limit, to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{JoinHandle, RawTask, Timeout, Timer};
    ///
    /// /// Stops the task under the limit before the limit has passed.
    /// fn stop_early<H: RawTask, T: Timer>(limited: &mut Timeout<JoinHandle<H>, T>) {
    ///     limited.get_mut().abort();
    /// }
    /// ```
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// The future under the limit, pinned: to be polled on after the limit has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    /// use anyrt_core::Timer;
    ///
    /// async fn at_last<T: Timer + Clone>(timer: &T) -> u32 {
    ///     let slow = async { timer.sleep(Duration::from_millis(5)).await; 7 };
    ///     let mut limited = pin!(timer.timeout(Duration::from_millis(1), slow));
    ///     match limited.as_mut().await {
    ///         Ok(value) => value,
    ///         Err(_) => limited.get_pin_mut().await,
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(at_last(&rt.handle())), 7);
    /// ```
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut F> {
        self.project().future
    }

    /// Gives the future back, and takes the limit away.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{JoinHandle, RawTask, Timeout, Timer};
    ///
    /// /// Lets the task go on, and forgets the limit.
    /// fn without_limit<H: RawTask, T: Timer>(limited: Timeout<JoinHandle<H>, T>) -> JoinHandle<H> {
    ///     limited.into_inner()
    /// }
    /// ```
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future, T: Timer> Future for Timeout<F, T> {
    type Output = Result<F::Output, Elapsed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(value) = this.future.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        ready!(this.limit.poll_passed(cx));
        Poll::Ready(Err(Elapsed::new()))
    }
}

impl<T: Timer> Limit<T> {
    fn poll_passed(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = match self.as_mut().project() {
            LimitProj::Armed { sleep } => return sleep.poll(cx),
            LimitProj::Waiting { timer, deadline } => match *deadline {
                // Also a limit of zero is the runtime's to end: it lets others run when too many were ready in a row.
                Deadline::Passed => timer.sleep(Duration::ZERO),
                Deadline::Never => return Poll::Pending,
                Deadline::At(deadline) => timer.sleep_until(deadline),
            },
        };
        self.set(Self::Armed { sleep });
        self.poll_passed(cx)
    }
}

impl<F, T: Timer> fmt::Debug for Timeout<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").finish_non_exhaustive()
    }
}
