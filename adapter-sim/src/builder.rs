use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use crate::net::Payloads;
use crate::runner::env;
use crate::settings::{Settings, nanos};
use crate::{Owned, Policy};

thread_local! {
    static SCOPED: RefCell<Option<Builder>> = const { RefCell::new(None) };
}

/// What a simulation is to be like; made by [`Sim::builder`](crate::Sim::builder).
///
/// Nothing that is left unset depends on the machine, the time or the environment, but for the two variables that
/// [`wake_backtraces`](Self::wake_backtraces) and [`Launch::launch`](anyrt_core::Launch::launch) read.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::BlockOn;
/// use anyrt_sim::{Policy, Sim};
///
/// let rt = Sim::builder()
///     .seed(17)
///     .policy(Policy::Pct { depth: 3 })
///     .lateness(Duration::from_millis(2))
///     .time_limit(Duration::from_secs(3600))
///     .build();
/// rt.block_on(async {});
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    settings: Settings,
}

impl Builder {
    #[track_caller]
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings {
                seed: 0,
                policy: None,
                auto_advance: true,
                time_limit: None,
                step_limit: 10_000_000,
                steps_per_second: None,
                spin_limit: 1_000_000,
                retry_limit: 100_000,
                // The first second of the year 2000: any fixed moment would do.
                start: SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800),
                lateness: None,
                poll_cost: 1_000,
                strict_now: true,
                nesting_limit: 64,
                external: false,
                pace: None,
                blocking_limit: Duration::from_secs(1),
                task_panics_fail: false,
                print_reports: true,
                wake_backtraces: env::trace(),
                keep_log: false,
                record_choices: false,
                kept: None,
                payloads: Payloads::default(),
                replay_line: None,
            },
        }
    }

    /// Sets the seed that decides everything. Unset: 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Launch;
    /// use anyrt_sim::Sim;
    ///
    /// assert_eq!(Sim::builder().seed(17).build().handle().seed(), 17);
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Sets which ready task runs next. Unset: [`Policy::Random`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc::channel;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{Policy, Sim};
    ///
    /// let rt = Sim::builder().policy(Policy::Lifo).build();
    /// let (send, order) = channel();
    /// for n in 0..3 {
    ///     let send = send.clone();
    ///     rt.handle().spawn_detached(async move { send.send(n).unwrap() });
    /// }
    /// rt.handle().run_until_stalled();
    /// assert!(order.try_iter().eq([2, 1, 0]));
    /// ```
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = Some(policy);
        self
    }

    /// Sets whether the clock jumps to the next deadline by itself when nothing is ready. Unset: it does.
    ///
    /// Without it, the clock moves by [`Sim::advance`](crate::Sim::advance) and
    /// [`Sim::advance_to_next`](crate::Sim::advance_to_next) alone, and a `block_on` that can go on only by time is a deadlock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().auto_advance(false).build();
    /// let sim = rt.handle();
    /// rt.block_on(async {
    ///     let task = sim.spawn(sim.sleep(Duration::from_secs(5)));
    ///     sim.advance(Duration::from_secs(5));
    ///     assert!(task.is_finished());
    /// });
    /// ```
    pub fn auto_advance(mut self, jumps: bool) -> Self {
        self.settings.auto_advance = jumps;
        self
    }

    /// Fails the simulation when its clock is to pass this time since the start. Unset: never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().time_limit(Duration::from_secs(60)).build();
    /// let failure = rt.try_block_on(rt.handle().sleep(Duration::from_secs(61))).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::TimeLimit);
    /// ```
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.settings.time_limit = Some(nanos(limit));
        self
    }

    /// Fails the simulation after this many steps. Unset: ten million, which take some seconds in a release build and a
    /// minute or more in a debug build. A program that tries to connect without end fails [before](Self::retry_limit). For one that
    /// does something else without end, give its test a [`time_limit`](Self::time_limit), or
    /// [`steps_per_second`](Self::steps_per_second) where its clock hardly moves.
    ///
    /// # Examples
    ///
    /// A heartbeat that nobody stops, under a root that nobody wakes:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().step_limit(1000).build();
    /// let sim = rt.handle();
    /// sim.spawn_detached({
    ///     let sim = sim.clone();
    ///     async move { loop { sim.sleep(Duration::from_secs(1)).await } }
    /// });
    /// let failure = rt.try_block_on(std::future::pending::<()>()).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::StepLimit);
    /// ```
    pub fn step_limit(mut self, steps: u64) -> Self {
        self.settings.step_limit = steps;
        self
    }

    /// Fails the simulation when this many steps in a row take less than a second of virtual time. Unset: they may.
    ///
    /// It finds what is busy without end long before the [`step_limit`](Self::step_limit): tasks that wake each other for ever, a
    /// retry without a pause, a pause that becomes shorter each time. Each task of these may be polled rarely, so that the
    /// [`spin_limit`](Self::spin_limit) does not see it. The steps are counted in blocks of so many from the start. A ticker with a
    /// fixed pause that nobody stops is not busy: for that there is the [`time_limit`](Self::time_limit).
    ///
    /// # Panics
    ///
    /// With zero, which no simulation could keep.
    ///
    /// # Examples
    ///
    /// A pause that is halved each time, so that the clock never comes to two seconds:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().steps_per_second(1000).build();
    /// let sim = rt.handle();
    /// let failure = rt.try_block_on(async {
    ///     let mut pause = Duration::from_secs(1);
    ///     while sim.elapsed() < Duration::from_secs(3) {
    ///         sim.sleep(pause).await;
    ///         pause /= 2;
    ///     }
    /// });
    /// let failure = failure.unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::StepLimit);
    /// assert!(failure.steps() < 2010);
    /// ```
    #[track_caller]
    pub fn steps_per_second(mut self, steps: u64) -> Self {
        assert!(
            steps > 0,
            "a simulation of no steps per second would fail at once"
        );
        self.settings.steps_per_second = Some(steps);
        self
    }

    /// Fails the simulation when one task is polled more often than this at one instant. Unset: a million times. A sleep that is
    /// ready at once counts like a poll.
    ///
    /// The report names the task and where it was spawned. It is no failure where polls [cost time](Self::poll_cost) and a timer
    /// is armed, since that will fire.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::yield_now;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().spin_limit(100).build();
    /// let failure = rt.try_block_on(async { loop { yield_now().await } }).map(|never: ()| never).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::Spinning);
    /// ```
    pub fn spin_limit(mut self, polls: u64) -> Self {
        self.settings.spin_limit = polls;
        self
    }

    /// Fails the simulation when a simulated host tries more often than this in a row to connect to an address, or to resolve a
    /// name, and never succeeds. Unset: 100 000 times, which a client that tries again without end reaches in seconds.
    ///
    /// The report names what it tries, and the task that tried last. An attempt that is given up counts, and one that succeeds
    /// begins the count anew. It counts with the feature `net` alone.
    ///
    /// # Examples
    ///
    /// A client whose server was never started:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().retry_limit(100).build();
    /// let sim = rt.handle();
    /// sim.host("server");
    /// let client = sim.host("client").restart(|rt| async move {
    ///     while rt.connect_host("server", 80).await.is_err() {
    ///         rt.sleep(Duration::from_millis(100)).await;
    ///     }
    /// });
    /// let failure = rt.try_block_on(client).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::RetryLimit);
    /// assert!(failure.message().contains("in a row to connect to server ("));
    /// ```
    pub fn retry_limit(mut self, attempts: u64) -> Self {
        self.settings.retry_limit = attempts;
        self
    }

    /// Fails the simulation when more loops than this are nested on one stack: a `block_on` in a task that the `block_on` of
    /// another task polls, and so on, [`Sim::advance`](crate::Sim::advance) included. Unset: 64.
    ///
    /// Each takes a few kilobytes of the stack, and what the tasks in between take. Without a limit, the stack would overflow,
    /// which no report can name.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().nesting_limit(8).build();
    /// let sim = rt.handle();
    /// for _ in 0..9 {
    ///     let inner = sim.clone();
    ///     sim.spawn_blocking(move || inner.block_on(inner.sleep(Duration::from_secs(1)))).detach();
    /// }
    /// let failure = rt.try_block_on(sim.sleep(Duration::from_secs(2))).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::Nesting);
    /// ```
    pub fn nesting_limit(mut self, loops: usize) -> Self {
        self.settings.nesting_limit = loops;
        self
    }

    /// Sets what the wall clock shows at the start. Unset: the first second of the year 2000, UTC.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().start(SystemTime::UNIX_EPOCH).build();
    /// rt.block_on(rt.handle().sleep(Duration::from_secs(9)));
    /// assert_eq!(rt.handle().system_time(), SystemTime::UNIX_EPOCH + Duration::from_secs(9));
    /// ```
    pub fn start(mut self, start: SystemTime) -> Self {
        self.settings.start = start;
        self
    }

    /// Lets each sleep that has to wait be late by a seeded duration of at most `longest`, as on a busy machine. Never early.
    /// Unset: always in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().lateness(Duration::from_millis(5)).build();
    /// rt.block_on(rt.handle().sleep(Duration::from_secs(1)));
    /// assert!(rt.handle().elapsed() >= Duration::from_millis(1000));
    /// assert!(rt.handle().elapsed() <= Duration::from_millis(1005));
    /// ```
    pub fn lateness(mut self, longest: Duration) -> Self {
        self.settings.lateness = Some(nanos(longest));
        self
    }

    /// Sets how much virtual time a poll takes. Unset: a microsecond.
    ///
    /// A task that is polled is polled again at least that much later, so code that waits by yielding makes progress in time.
    /// Tasks do not slow each other down, as if each had a processor of its own, and a sleep still ends at its deadline to the
    /// nanosecond. With a cost of zero, polls take no time, and a task that waits by yielding stops the clock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::{prelude::*, yield_now};
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().poll_cost(Duration::from_micros(10)).build();
    /// let sim = rt.handle();
    /// let task = sim.spawn(sim.sleep(Duration::from_millis(1)));
    /// let polls = rt.block_on(async {
    ///     let mut polls = 0;
    ///     while !task.is_finished() {
    ///         polls += 1;
    ///         yield_now().await; // with a cost of zero, this would stop the clock
    ///     }
    ///     polls
    /// });
    /// assert!((90..=110).contains(&polls), "{polls}");
    /// ```
    pub fn poll_cost(mut self, cost: Duration) -> Self {
        self.settings.poll_cost = nanos(cost);
        self
    }

    /// Sets whether no two readings of [`now`](anyrt_core::Timer::now) are equal: one that would repeat the last moves the clock
    /// by a nanosecond. Unset: they are not, as on a real machine.
    ///
    /// Code that compares instants strictly, such as a lease that holds as long as `now > start`, relies on it.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// rt.block_on(async { assert!(rt.handle().now() < rt.handle().now()) });
    ///
    /// let rt = Sim::builder().strict_now(false).build();
    /// rt.block_on(async { assert_eq!(rt.handle().now(), rt.handle().now()) });
    /// ```
    pub fn strict_now(mut self, strict: bool) -> Self {
        self.settings.strict_now = strict;
        self
    }

    /// Permits other threads to wake, spawn, abort and block. Such a run is not replayed by its seed.
    ///
    /// With it, a simulation in which nothing is ready and no timer is armed waits for a wake from outside, where it would
    /// otherwise report a deadlock. Timers still make the clock jump, however close a wake from outside may be: see
    /// [`pace`](Self::pace).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().allow_external().build();
    /// let sim = rt.handle();
    /// let elsewhere = std::thread::spawn(move || sim.block_on(async { 42 }));
    /// assert_eq!(elsewhere.join().unwrap(), 42);
    /// ```
    pub fn allow_external(mut self) -> Self {
        self.settings.external = true;
        self
    }

    /// Lets the clock of `block_on` run at most `factor` times as fast as the real one. Unset: it jumps.
    ///
    /// For simulations that [wait for threads](Self::allow_external): with a factor of 100, a time limit of ten seconds leaves
    /// a thread a tenth of a second.
    ///
    /// # Panics
    ///
    /// When `factor` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().allow_external().pace(100).build();
    /// let start = Instant::now();
    /// rt.block_on(rt.handle().sleep(Duration::from_secs(1)));
    /// assert!(start.elapsed() >= Duration::from_millis(9));
    /// ```
    #[track_caller]
    pub fn pace(mut self, factor: u32) -> Self {
        assert!(factor > 0, "`Builder::pace` with a factor of zero");
        self.settings.pace = Some(factor);
        self
    }

    /// Sets from which real duration on a blocking closure is [reported](crate::Sim::warnings). Unset: a second.
    ///
    /// A closure that still runs is reported too, by a thread that looks every so often from the first closure on: one that
    /// waits for something that cannot happen while it runs would otherwise hang without a word.
    pub fn blocking_limit(mut self, limit: Duration) -> Self {
        self.settings.blocking_limit = limit;
        self
    }

    /// Sets whether the panic of a task fails the simulation, joined or not. Unset: it is a value for the joiner and nothing
    /// more, as on every runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().task_panics_fail(true).build();
    /// let sim = rt.handle();
    /// sim.spawn_detached(async { panic!("nobody would have heard") });
    /// let failure = rt.try_block_on(sim.sleep(Duration::from_secs(1))).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::TaskPanic);
    /// ```
    pub fn task_panics_fail(mut self, fails: bool) -> Self {
        self.settings.task_panics_fail = fails;
        self
    }

    /// Sets whether the report of a panicking root and warnings are printed to standard error. Unset: they are.
    pub fn print_reports(mut self, print: bool) -> Self {
        self.settings.print_reports = print;
        self
    }

    /// Sets whether a backtrace is kept of each task's last wake-up, for reports. Slow. Unset: `ANYRT_SIM_TRACE=1` asks for it.
    ///
    /// A builder panics where that variable is set and is neither `0` nor `1`.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::yield_now;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().wake_backtraces(true).build();
    /// let stuck = async { yield_now().await; std::future::pending::<()>().await };
    /// let failure = rt.try_block_on(stuck).unwrap_err();
    /// assert!(failure.tasks()[0].woken_at().is_some());
    /// ```
    pub fn wake_backtraces(mut self, keep: bool) -> Self {
        self.settings.wake_backtraces = keep;
        self
    }

    /// Runs `work` with this builder in place of the defaults of [`Owned::launch`](anyrt_core::Launch::launch), on this thread.
    ///
    /// For code that starts its runtime itself, through [`Launch`](anyrt_core::Launch): a seed reaches it without the
    /// environment. [`check`](crate::check()) does so around each run of a test, with its seed. The innermost one counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Launch, LaunchError};
    /// use anyrt_sim::{Owned, Sim};
    ///
    /// struct Server<L: Launch> { rt: L }
    ///
    /// impl<L: Launch> Server<L> {
    ///     fn start() -> Result<Self, LaunchError> {
    ///         Ok(Self { rt: L::launch(Config::new())? })
    ///     }
    /// }
    ///
    /// let server = Sim::builder().seed(17).scope(Server::<Owned>::start)?;
    /// assert_eq!(server.rt.handle().seed(), 17);
    /// # Ok::<(), LaunchError>(())
    /// ```
    pub fn scope<T>(&self, work: impl FnOnce() -> T) -> T {
        struct Restore(Option<Builder>);

        impl Drop for Restore {
            fn drop(&mut self) {
                let _ = SCOPED.try_with(|scoped| scoped.replace(self.0.take()));
            }
        }

        let outer = SCOPED.with(|scoped| scoped.replace(Some(self.clone())));
        let _restore = Restore(outer);
        work()
    }

    /// The innermost builder whose [`scope`](Self::scope) the calling thread is in.
    pub(crate) fn scoped() -> Option<Self> {
        SCOPED
            .try_with(|scoped| scoped.borrow().clone())
            .ok()
            .flatten()
    }

    pub(crate) fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    pub(crate) fn keep_log(mut self) -> Self {
        self.settings.keep_log = true;
        self
    }

    /// For the simulations that a test launches itself: another's choices are not theirs.
    pub(crate) fn with_all_choices(mut self) -> Self {
        self.settings.record_choices = false;
        self.settings.kept = None;
        self
    }

    /// Makes the simulation. It starts no thread and reads the real clock once, to anchor [`now`](anyrt_core::Timer::now).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::BlockOn;
    ///
    /// let rt = anyrt_sim::Sim::builder().build();
    /// assert_eq!(rt.block_on(async { 42 }), 42);
    /// ```
    pub fn build(self) -> Owned {
        Owned::new(self.settings)
    }
}
