use std::fmt;
use std::time::Duration;

use crate::LaunchError;

/// What a program asks of the runtime that it [launches](crate::Launch::launch).
///
/// Every option is unset at first, which leaves the choice to the runtime. An adapter that cannot honour an option refuses to
/// launch with a [`LaunchError`] that names the option and the runtime; none is ever ignored.
///
/// | option | tokio | tokio local | smol | smol local | async-std local | sim |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | `flavor` | yes | current-thread | multi-thread | current-thread | current-thread | current-thread |
/// | `worker_threads` | multi-thread | – | yes | – | – | – |
/// | `thread_name` | yes | yes | yes | – | – | – |
/// | `thread_stack_size` | yes | yes | yes | – | – | – |
/// | `max_blocking_threads` | yes | yes | – | – | – | – |
/// | `thread_keep_alive` | yes | yes | – | – | – | – |
/// | `event_interval` | yes | yes | – | – | – | – |
/// | `global_queue_interval` | yes | yes | – | – | – | – |
/// | `max_io_events_per_tick` | yes | yes | – | – | – | – |
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, Flavor, Launch};
///
/// let config = Config::new().worker_threads(2).thread_name("app");
/// let rt = anyrt_tokio::Owned::launch(config)?;
///
/// let contradiction = Config::new().flavor(Flavor::CurrentThread).worker_threads(2);
/// let error = anyrt_tokio::Owned::launch(contradiction).unwrap_err();
/// assert!(error.to_string().contains("worker_threads"));
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// One thread or several. See [`flavor()`](Self::flavor()).
    pub flavor: Option<Flavor>,
    /// How many threads poll tasks. See [`worker_threads()`](Self::worker_threads()).
    pub worker_threads: Option<usize>,
    /// How the runtime's threads are called. See [`thread_name()`](Self::thread_name()).
    pub thread_name: Option<String>,
    /// The stack of each of the runtime's threads, in bytes. See [`thread_stack_size()`](Self::thread_stack_size()).
    pub thread_stack_size: Option<usize>,
    /// How many blocking closures may run at once. See [`max_blocking_threads()`](Self::max_blocking_threads()).
    pub max_blocking_threads: Option<usize>,
    /// How long an idle blocking thread waits for work. See [`thread_keep_alive()`](Self::thread_keep_alive()).
    pub thread_keep_alive: Option<Duration>,
    /// Polls between two looks at the poller. See [`event_interval()`](Self::event_interval()).
    pub event_interval: Option<u32>,
    /// Polls between two looks at the shared queue. See [`global_queue_interval()`](Self::global_queue_interval()).
    pub global_queue_interval: Option<u32>,
    /// How many events one look at the poller takes. See [`max_io_events_per_tick()`](Self::max_io_events_per_tick()).
    pub max_io_events_per_tick: Option<usize>,
}

impl Config {
    /// Leaves every choice to the runtime.
    pub fn new() -> Self {
        Self::default()
    }

    /// Polls tasks on one thread, the one that blocks on the runtime, or on several.
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = Some(flavor);
        self
    }

    /// Sets how many threads poll tasks; at least 1. Unset: the number of processors.
    pub fn worker_threads(mut self, threads: usize) -> Self {
        self.worker_threads = Some(threads);
        self
    }

    /// Sets how the runtime's threads are called.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.thread_name = Some(name.into());
        self
    }

    /// Sets the stack of each of the runtime's threads, in bytes; at least 1. Unset: 2 MiB, as for any thread of Rust's.
    pub fn thread_stack_size(mut self, bytes: usize) -> Self {
        self.thread_stack_size = Some(bytes);
        self
    }

    /// Sets how many blocking closures may run at once; at least 1. Further ones wait in a queue.
    pub fn max_blocking_threads(mut self, threads: usize) -> Self {
        self.max_blocking_threads = Some(threads);
        self
    }

    /// Sets how long an idle thread of the blocking pool waits for work before it ends.
    pub fn thread_keep_alive(mut self, duration: Duration) -> Self {
        self.thread_keep_alive = Some(duration);
        self
    }

    /// Sets after how many polls of tasks a scheduler looks for events and timers; at least 1.
    pub fn event_interval(mut self, polls: u32) -> Self {
        self.event_interval = Some(polls);
        self
    }

    /// Sets after how many polls of tasks a scheduler looks into the queue that its threads share; at least 1.
    pub fn global_queue_interval(mut self, polls: u32) -> Self {
        self.global_queue_interval = Some(polls);
        self
    }

    /// Sets how many events one look at the system's poller takes; at least 1.
    pub fn max_io_events_per_tick(mut self, events: usize) -> Self {
        self.max_io_events_per_tick = Some(events);
        self
    }

    /// Checks that every option that is set is one of `honoured`, and that no number is zero that must not be.
    ///
    /// # For runtime authors
    ///
    /// Begin [`Launch::launch`](crate::Launch::launch) with it. An option that a later version of this crate adds is then
    /// refused by your adapter until it is honoured.
    ///
    /// # Errors
    ///
    /// [`LaunchError`], for the first option that is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, ConfigOption};
    ///
    /// let config = Config::new().worker_threads(4).thread_name("app");
    /// let error = config.check("mini", &[ConfigOption::ThreadName]).unwrap_err();
    /// assert!(error.is_unsupported());
    /// assert_eq!(error.option(), Some(ConfigOption::WorkerThreads));
    /// ```
    pub fn check(
        &self,
        runtime: &'static str,
        honoured: &[ConfigOption],
    ) -> Result<(), LaunchError> {
        for (option, state) in self.states() {
            match state {
                State::Unset => {}
                _ if !honoured.contains(&option) => {
                    return Err(LaunchError::unsupported(runtime, option));
                }
                State::Zero => {
                    return Err(LaunchError::invalid(runtime, option, "must be at least 1"));
                }
                State::Set => {}
            }
        }
        Ok(())
    }

    fn states(&self) -> [(ConfigOption, State); 9] {
        // Exhaustive, so that a new field cannot be forgotten here.
        let Self {
            flavor,
            worker_threads,
            thread_name,
            thread_stack_size,
            max_blocking_threads,
            thread_keep_alive,
            event_interval,
            global_queue_interval,
            max_io_events_per_tick,
        } = self;
        [
            (ConfigOption::Flavor, State::of(flavor)),
            (
                ConfigOption::WorkerThreads,
                State::of_number(worker_threads),
            ),
            (ConfigOption::ThreadName, State::of(thread_name)),
            (
                ConfigOption::ThreadStackSize,
                State::of_number(thread_stack_size),
            ),
            (
                ConfigOption::MaxBlockingThreads,
                State::of_number(max_blocking_threads),
            ),
            (ConfigOption::ThreadKeepAlive, State::of(thread_keep_alive)),
            (
                ConfigOption::EventInterval,
                State::of_number(event_interval),
            ),
            (
                ConfigOption::GlobalQueueInterval,
                State::of_number(global_queue_interval),
            ),
            (
                ConfigOption::MaxIoEventsPerTick,
                State::of_number(max_io_events_per_tick),
            ),
        ]
    }
}

enum State {
    Unset,
    Set,
    Zero,
}

impl State {
    fn of<T>(option: &Option<T>) -> Self {
        option.as_ref().map_or(Self::Unset, |_| Self::Set)
    }

    fn of_number<N: PartialEq + From<u8>>(option: &Option<N>) -> Self {
        match option {
            Some(number) if *number == N::from(0) => Self::Zero,
            option => Self::of(option),
        }
    }
}

/// Whether tasks are polled on one thread or on several.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, Flavor};
///
/// let config = Config::new().flavor(Flavor::CurrentThread);
/// assert_eq!(config.flavor, Some(Flavor::CurrentThread));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flavor {
    /// Tasks are polled by threads of the runtime's own.
    MultiThread,
    /// Tasks are polled only by the thread that blocks on the runtime, while it does.
    CurrentThread,
}

/// The name of an option of [`Config`].
///
/// # Examples
///
/// ```
/// assert_eq!(anyrt_core::ConfigOption::WorkerThreads.to_string(), "worker_threads");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigOption {
    /// [`Config::flavor`].
    Flavor,
    /// [`Config::worker_threads`].
    WorkerThreads,
    /// [`Config::thread_name`].
    ThreadName,
    /// [`Config::thread_stack_size`].
    ThreadStackSize,
    /// [`Config::max_blocking_threads`].
    MaxBlockingThreads,
    /// [`Config::thread_keep_alive`].
    ThreadKeepAlive,
    /// [`Config::event_interval`].
    EventInterval,
    /// [`Config::global_queue_interval`].
    GlobalQueueInterval,
    /// [`Config::max_io_events_per_tick`].
    MaxIoEventsPerTick,
}

impl fmt::Display for ConfigOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flavor => "flavor",
            Self::WorkerThreads => "worker_threads",
            Self::ThreadName => "thread_name",
            Self::ThreadStackSize => "thread_stack_size",
            Self::MaxBlockingThreads => "max_blocking_threads",
            Self::ThreadKeepAlive => "thread_keep_alive",
            Self::EventInterval => "event_interval",
            Self::GlobalQueueInterval => "global_queue_interval",
            Self::MaxIoEventsPerTick => "max_io_events_per_tick",
        })
    }
}
