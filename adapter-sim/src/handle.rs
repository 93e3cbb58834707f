mod traits;

use std::fmt;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyrt_core::{NoRuntime, SpawnMeta};

#[cfg(feature = "net")]
use crate::host_id::HostId;
use crate::report::label::Label;
use crate::rng::Purpose;
use crate::schedule::choices;
use crate::schedule::drive;
use crate::schedule::entry::Kind;
use crate::schedule::root::{self, Ended};
use crate::schedule::shared::Shared;
use crate::schedule::step::Goal;
use crate::settings::nanos;
use crate::task::job::Job;
use crate::task::join::{Join, Slot};
use crate::{Builder, Event, Failure, Policy, Rng, Task, TaskInfo, context};

pub(crate) const RUNTIME: &str = "sim";

/// A handle that carries its simulation: everything that a library under test asks for, and what a test asks of the
/// simulation besides.
///
/// It is a [`Runtime`](anyrt_core::Runtime) and a [`LocalRuntime`](anyrt_core::LocalRuntime) in one, and
/// [`AnyRuntime::new`](anyrt_core::AnyRuntime::new) takes it. It does not keep its simulation alive: when that is over, tasks
/// and closures resolve *cancelled*, and a sleep panics when it is polled before its deadline.
///
/// | you have | you write |
/// | --- | --- |
/// | a test to run under many seeds | [`check(|sim| async move { … })`](crate::check()) |
/// | a simulation of your own to drive | [`Sim::builder()`](Self::builder) … [`build()`](Builder::build), and `handle()` on it |
/// | a running simulation around you | [`Sim::try_current()`](anyrt_core::Current::try_current) |
///
/// # Panics
///
/// [`spawn_local`](anyrt_core::SpawnLocal::spawn_local) panics on another thread than the one that built the simulation, and so does
/// [`block_on`](anyrt_core::BlockOn::block_on) unless [`Builder::allow_external`] permits it. `block_on` panics with a report when the
/// simulation cannot go on: see [`Failure`], and [`try_block_on`](Self::try_block_on) for a value instead.
///
/// # Runtimes
///
/// It starts no thread. Blocking closures run as one step on the driving thread, with the virtual clock standing still.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
/// use anyrt_sim::Sim;
///
/// let rt = Sim::builder().seed(1).build();
/// let sim = rt.handle();
/// let slow = sim.spawn({
///     let sim = sim.clone();
///     async move { sim.sleep(Duration::from_secs(3600)).await; 42 }
/// });
/// assert_eq!(rt.block_on(slow)?, 42);
/// assert_eq!(sim.elapsed(), Duration::from_secs(3600)); // and hardly any real time
/// # Ok::<(), anyrt_core::JoinError>(())
/// ```
#[derive(Clone)]
pub struct Sim {
    shared: Arc<Shared>,
    label: Label,
}

impl Sim {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            label: Label::default(),
        }
    }

    /// Begins to build a simulation.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::BlockOn;
    /// use anyrt_sim::{Policy, Sim};
    ///
    /// let rt = Sim::builder().seed(17).policy(Policy::Lifo).build();
    /// assert_eq!(rt.block_on(async { 6 * 7 }), 42);
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Returns a handle whose tasks are called `name` in reports, unless they have [names of their own](anyrt_core::Spawn::spawn_named).
    ///
    /// It names what a library spawns that gives no names.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// sim.named("writer").spawn_detached(async {});
    /// assert_eq!(sim.tasks()[0].name(), Some("writer"));
    /// ```
    pub fn named(&self, name: impl Into<Arc<str>>) -> Self {
        let mut named = self.clone();
        named.label.name = Some(name.into());
        named
    }

    /// Returns a handle whose tasks belong to `group`: a node of a system, a client, or what else is to be told apart.
    ///
    /// What such a task spawns belongs to the same group, through whichever handle and through [`Ambient`](crate::Ambient), unless
    /// that handle has a group of its own. Reports write `group/name`, and [`abort_group`](Self::abort_group) stops all of it.
    ///
    /// # Examples
    ///
    /// Two servers that know nothing of the simulation:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{Ambient, Sim};
    ///
    /// async fn serve() {
    ///     Ambient.spawn_named("reader", Ambient.sleep(Duration::from_secs(60))).detach();
    /// }
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// for node in ["a", "b"] {
    ///     sim.group(node).spawn_detached(serve());
    /// }
    /// sim.run_until_stalled();
    /// assert!(sim.tasks().iter().any(|task| task.group() == Some("b") && task.name() == Some("reader")));
    ///
    /// sim.abort_group("b");
    /// sim.run_until_stalled();
    /// assert!(sim.tasks().iter().all(|task| task.group() == Some("a")));
    /// ```
    pub fn group(&self, group: impl Into<Arc<str>>) -> Self {
        let mut grouped = self.clone();
        grouped.label.group = Some(group.into());
        grouped
    }

    /// Aborts every task of `group`. Closures that run or are queued are not stopped, as by any abort.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let task = sim.group("node 1").spawn(std::future::pending::<()>());
    /// sim.abort_group("node 1");
    /// assert!(rt.block_on(task).unwrap_err().is_cancelled());
    /// ```
    pub fn abort_group(&self, group: &str) {
        self.shared.abort_group(group);
    }

    /// The seed of the simulation.
    pub fn seed(&self) -> u64 {
        self.shared.settings.seed
    }

    /// The policy of the simulation.
    pub fn policy(&self) -> Policy {
        self.shared.settings.policy()
    }

    /// The virtual time since the start.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// rt.block_on(sim.sleep(Duration::from_millis(1500)));
    /// assert_eq!(sim.elapsed(), Duration::from_millis(1500));
    /// ```
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.shared.lock().now)
    }

    /// How many steps, that is, polls and drops of aborted tasks, there were so far.
    pub fn steps(&self) -> u64 {
        self.shared.lock().steps
    }

    /// The hash of all events so far: equal for two runs that took the same course, and different for any others.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// fn run(seed: u64) -> u64 {
    ///     let rt = Sim::builder().seed(seed).build();
    ///     let sim = rt.handle();
    ///     rt.block_on(async {
    ///         let tasks: Vec<_> = (0..8).map(|_| sim.spawn(async {})).collect();
    ///         for task in tasks {
    ///             task.await.unwrap();
    ///         }
    ///     });
    ///     sim.hash()
    /// }
    /// assert_eq!(run(1), run(1));
    /// assert_ne!(run(1), run(2));
    /// ```
    pub fn hash(&self) -> u64 {
        self.shared.lock().hash()
    }

    /// The last events, at most 64, the newest last.
    pub fn events(&self) -> Vec<Event> {
        self.shared.lock().events()
    }

    /// The tasks that have not ended.
    pub fn tasks(&self) -> Vec<TaskInfo> {
        self.shared.lock().infos()
    }

    /// What was noticed and is no failure: blocking closures that took long in real time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().blocking_limit(Duration::from_millis(1)).build();
    /// let sim = rt.handle();
    /// let work = sim.spawn_blocking(|| std::thread::sleep(Duration::from_millis(2)));
    /// rt.block_on(work)?;
    /// assert!(sim.warnings()[0].contains("of real time"));
    /// # Ok::<(), anyrt_core::JoinError>(())
    /// ```
    pub fn warnings(&self) -> Vec<String> {
        self.shared.lock().warnings.clone()
    }

    /// Makes a generator for the test's own choices, from a stream that the schedule does not share: a test that draws more
    /// often is scheduled as before.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_sim::Sim;
    /// # use anyrt_core::Launch;
    ///
    /// let first = |seed| Sim::builder().seed(seed).build().handle().rng().u64();
    /// assert_eq!(first(1), first(1));
    /// assert_ne!(first(1), first(2));
    /// ```
    pub fn rng(&self) -> Rng {
        self.shared.lock().user_rng.fork()
    }

    /// Makes the generator of a purpose, which a seed and the name of the purpose decide and nothing else: not when it is asked for,
    /// nor what others have drawn.
    ///
    /// For a part of a test that is to stay as it is while other parts change: the jitter of one client, the faults of one
    /// disk. Two calls with one name return equal generators.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Launch;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().seed(17).build();
    /// let sim = rt.handle();
    /// let first = sim.rng_for("client 1").u64();
    /// sim.rng().u64();
    /// assert_eq!(sim.rng_for("client 1").u64(), first);
    /// assert_ne!(sim.rng_for("client 2").u64(), first);
    /// ```
    pub fn rng_for(&self, purpose: &str) -> Rng {
        Rng::stream(self.seed(), Purpose::named(purpose))
    }

    /// Says `true` with the probability `p`, from a stream of its own: for faults that a test injects.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_sim::Sim;
    ///
    /// async fn fetch(sim: &Sim) -> Result<u32, &'static str> {
    ///     if sim.chance(0.1) { Err("connection reset") } else { Ok(42) }
    /// }
    /// # anyrt_sim::check(|sim| async move { let _ = fetch(&sim).await; });
    /// ```
    #[track_caller]
    pub fn chance(&self, p: f64) -> bool {
        let place = Location::caller();
        let mut state = self.shared.lock();
        let says_yes = state.fault_rng.chance(p);
        let words = || format!("`Sim::chance` said yes at {place}");
        state.keeps_fault(choices::Kind::Chance, says_yes, words)
    }

    /// Writes a line into the log of the last messages, stamped with the virtual time and the host and the task of the caller: a
    /// failure's report and its page show it where it happened.
    ///
    /// It changes no course and no [hash](Self::hash). With the feature `tracing`, [`Recorder`](crate::tracing::Recorder) does the
    /// same for each event of `tracing`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let failure = rt.try_block_on(async {
    ///     sim.sleep(Duration::from_secs(2)).await;
    ///     sim.note("gave up");
    ///     std::future::pending::<()>().await
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("#0 root gave up"));
    /// ```
    pub fn note(&self, text: impl Into<String>) {
        self.shared.note(self.label.host, text.into());
    }

    /// Writes a line into the log as [`note`](Self::note) does, and keeps it there: a report shows it however much happened since.
    ///
    /// For what a later failure may go back to: a node that cut its log, a leader that was elected. The last 64 are kept beyond
    /// the last messages; with more, the oldest are forgotten, which a report says.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let failure = rt.try_block_on(async {
    ///     sim.pin("cut the log at place 69");
    ///     for second in 0..1000 {
    ///         sim.sleep(Duration::from_secs(1)).await;
    ///         sim.note(format!("heartbeat {second}"));
    ///     }
    ///     std::future::pending::<()>().await
    /// });
    /// let report = failure.unwrap_err().to_string();
    /// assert!(report.contains("cut the log at place 69"));
    /// assert!(!report.contains("heartbeat 69\n"));
    /// ```
    pub fn pin(&self, text: impl Into<String>) {
        self.shared.pin(self.label.host, text.into(), None);
    }

    /// Pins a line as [`pin`](Self::pin) does, at an earlier moment, as [`elapsed`](Self::elapsed) told it.
    ///
    /// For an invariant that is broken: it knows only now which of all that it has seen matters. It keeps the moments itself, and pins
    /// those that the failure goes back to just before it panics. Through the handle of a host the line stands in that host's column.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// /// What is known to be committed: for each place the term, and when that was seen.
    /// #[derive(Default)]
    /// struct Committed(BTreeMap<u64, (u64, Duration)>);
    ///
    /// impl Committed {
    ///     fn check(&mut self, sim: &Sim, place: u64, term: u64) {
    ///         let (first, seen) = *self.0.entry(place).or_insert((term, sim.elapsed()));
    ///         if first != term {
    ///             sim.pin_at(seen, format!("place {place} was committed in term {first}"));
    ///             panic!("a committed entry changed: at place {place}");
    ///         }
    ///     }
    /// }
    ///
    /// let failure = anyrt_sim::Check::new().find_failure(|sim| async move {
    ///     let mut committed = Committed::default();
    ///     for place in 0..70 {
    ///         sim.sleep(Duration::from_secs(1)).await;
    ///         committed.check(&sim, place, 1);
    ///     }
    ///     committed.check(&sim, 3, 2);
    /// });
    /// assert!(failure.unwrap().to_string().contains("place 3 was committed in term 1"));
    /// ```
    pub fn pin_at(&self, at: Duration, text: impl Into<String>) {
        self.shared
            .pin(self.label.host, text.into(), Some(nanos(at)));
    }

    /// Sets the wall clock, forward or back, as an administrator or a time server does.
    ///
    /// Timers and [`now`](anyrt_core::Timer::now) do not notice: they follow the virtual clock, which never jumps back. Afterwards the wall
    /// clock goes on with it from `time`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let (before, start) = (sim.system_time(), sim.elapsed());
    /// sim.set_system_time(before - Duration::from_secs(3600));
    /// rt.block_on(sim.sleep(Duration::from_secs(60)));
    /// assert_eq!(sim.system_time(), before - Duration::from_secs(3540));
    /// assert_eq!(sim.elapsed() - start, Duration::from_secs(60));
    /// ```
    pub fn set_system_time(&self, time: SystemTime) {
        self.shared.lock().set_system_time(time);
    }

    /// Moves the clock on by `duration`, and runs all that becomes ready on the way, each deadline at its time.
    ///
    /// Called inside a task, it runs the others, and the caller's own timers do not notice before it is polled again.
    ///
    /// # Panics
    ///
    /// On another thread than the one that built the simulation, and with the report when the simulation cannot go on.
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
    /// let task = sim.spawn(sim.sleep(Duration::from_secs(60)));
    /// sim.advance(Duration::from_secs(59));
    /// assert!(!task.is_finished());
    /// sim.advance(Duration::from_secs(1));
    /// assert!(task.is_finished());
    /// ```
    #[track_caller]
    pub fn advance(&self, duration: Duration) {
        let end = self.shared.lock().now.saturating_add(nanos(duration));
        drive::run_until(&self.shared, Goal::Until(end));
    }

    /// Runs what is ready, moves the clock to the next deadline, and runs what became ready; returns how far the clock moved,
    /// or `None` when no timer is armed.
    ///
    /// # Panics
    ///
    /// As [`advance`](Self::advance).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let task = sim.spawn(sim.sleep(Duration::from_secs(60)));
    /// assert_eq!(sim.advance_to_next(), Some(Duration::from_secs(60)));
    /// assert!(task.is_finished());
    /// assert_eq!(sim.advance_to_next(), None);
    /// ```
    #[track_caller]
    pub fn advance_to_next(&self) -> Option<Duration> {
        self.run_until_stalled();
        let (now, next) = {
            let state = self.shared.lock();
            (state.now, state.next_event()?)
        };
        drive::run_until(&self.shared, Goal::Until(next));
        Some(Duration::from_nanos(next.saturating_sub(now)))
    }

    /// Runs what is ready until nothing is. The clock stands still.
    ///
    /// # Panics
    ///
    /// As [`advance`](Self::advance).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let sim = rt.handle();
    /// let task = sim.spawn(async { 42 });
    /// sim.run_until_stalled();
    /// assert!(task.is_finished());
    /// ```
    #[track_caller]
    pub fn run_until_stalled(&self) {
        drive::run_until(&self.shared, Goal::Stalled);
    }

    /// Runs `future` to its end, like [`block_on`](anyrt_core::BlockOn::block_on), and returns a deadlock or a limit as a value.
    ///
    /// # Errors
    ///
    /// [`Failure`], when the simulation cannot go on. After a deadlock it may be used again, since a new root may set its
    /// tasks going; after any other failure it stays as it is.
    ///
    /// # Panics
    ///
    /// When `future` panics, with its payload, and on another thread as [`Sim`] says.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::{FailureKind, Sim};
    ///
    /// let rt = Sim::builder().build();
    /// let failure = rt.handle().try_block_on(std::future::pending::<()>()).unwrap_err();
    /// assert_eq!(failure.kind(), FailureKind::Deadlock);
    /// ```
    #[track_caller]
    pub fn try_block_on<F: Future>(&self, future: F) -> Result<F::Output, Failure> {
        match root::run_root(&self.shared, future, Location::caller()) {
            Ok(output) => Ok(output),
            Err(Ended::Failed(failure)) => Err(failure),
            Err(Ended::Panicked(payload, failure)) => {
                self.print(&failure);
                resume_unwind(payload)
            }
        }
    }

    /// Finds the simulation that the caller runs in; `call` is who asks.
    pub(crate) fn find(call: &'static str) -> Result<Self, NoRuntime> {
        match context::current() {
            Some(shared) => Ok(Self {
                label: shared.running_label(),
                shared,
            }),
            None => Err(NoRuntime::new(
                RUNTIME,
                call,
                "call it inside the `block_on` of a simulation, or pass a handle in",
            )),
        }
    }

    /// What the runner works with.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// A handle of the same simulation that belongs to a host.
    #[cfg(feature = "net")]
    pub(crate) fn on_host(&self, host: HostId, name: Arc<str>) -> Self {
        let mut handle = self.clone();
        handle.label.group = Some(name);
        handle.label.host = Some(host);
        handle
    }

    /// The host whose sockets and clock these are.
    #[cfg(feature = "net")]
    pub(crate) fn place(&self) -> HostId {
        self.shared.place(&self.shared.lock(), self.label.host)
    }

    /// The name of one task before that of all that the handle spawns; a group and a host that the handle lacks are the
    /// caller's.
    fn label_of(&self, meta: SpawnMeta<'_>) -> Label {
        let mut label = self.label.clone();
        if let Some(name) = meta.name() {
            label.name = Some(Arc::from(name));
        }
        if label.group.is_none() || label.host.is_none() {
            let running = self.shared.running_label();
            label.group = label.group.or(running.group);
            label.host = label.host.or(running.host);
        }
        label
    }

    fn print(&self, failure: &Failure) {
        if self.shared.settings.print_reports {
            eprintln!("anyrt-sim: {failure}");
        }
    }

    fn spawn_kind<F>(&self, kind: Kind, meta: SpawnMeta<'_>, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let join: Arc<_> = Join::new(Slot::new());
        let job = Job::new(future, Arc::clone(&join));
        let id = (self.shared).spawn(kind, self.label_of(meta), meta.location(), job);
        Task::new(join, Arc::clone(&self.shared), id)
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim")
            .field("seed", &self.seed())
            .field("elapsed", &self.elapsed())
            .finish_non_exhaustive()
    }
}
