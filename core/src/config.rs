use alloc::string::String;
use core::fmt;
use core::time::Duration;

use crate::LaunchError;

/// The options of [`Config`], one row each, for everything that is made from them: the fields, the setters, the checks,
/// [`ConfigOption`], the arguments of the attribute macros, and the rows of the documentation.
///
/// A row is: the documentation of the setter, the name, the variant, the kind of the value, an example, and what it sets.
#[doc(hidden)]
#[macro_export]
macro_rules! __config_options {
    ($($callback:tt)+) => {
        $($callback)+! {
            /// Polls tasks on one thread, the one that blocks on the runtime, or on several.
            ///
            /// One thread is enough for tests, for tools, and for programs that wait more than they compute.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::{Config, Flavor, Launch, LaunchError};
            ///
            /// fn small<L: Launch>() -> Result<L, LaunchError> {
            ///     L::launch(Config::new().flavor(Flavor::CurrentThread))
            /// }
            /// # small::<anyrt_tokio::Owned>()?;
            /// # Ok::<(), LaunchError>(())
            /// ```
            flavor, Flavor, flavor, "current_thread", "one thread that polls tasks, or several";

            /// Sets how many threads poll tasks; at least 1. Unset: the number of processors.
            ///
            /// A runtime without such a number refuses to launch.
            /// [`worker_threads_hint`](Self::worker_threads_hint()) is a wish that every runtime accepts.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::{Config, Launch};
            ///
            /// let rt = anyrt_tokio::Owned::launch(Config::new().worker_threads(2))?;
            /// assert_eq!(rt.handle().as_tokio().metrics().num_workers(), 2);
            /// # Ok::<(), anyrt_core::LaunchError>(())
            /// ```
            worker_threads, WorkerThreads, count, 4, "how many threads poll tasks";

            /// Wishes for a number of threads that poll tasks. A runtime that has such a number takes it, others ignore it.
            ///
            /// No runtime refuses it. Zero counts as 1, and [`worker_threads`](Self::worker_threads()) and a
            /// [`flavor`](Self::flavor()) of current-thread come before it. A constructor such as `fn new(threads: usize)`
            /// works on every runtime with it.
            ///
            /// # Examples
            ///
            /// A constructor that is written once:
            ///
            /// ```
            /// use anyrt_core::{Config, Launch, LaunchError, Runtime};
            ///
            /// struct Server<L> { rt: L }
            ///
            /// impl<L: Launch<Handle: Runtime>> Server<L> {
            ///     fn new(threads: usize) -> Result<Self, LaunchError> {
            ///         let rt = L::launch(Config::new().worker_threads_hint(threads))?;
            ///         Ok(Self { rt })
            ///     }
            /// }
            /// # assert_eq!(Server::<anyrt_tokio::Owned>::new(2)?.rt.run(async { 42 }), 42);
            /// # assert_eq!(Server::<anyrt_sim::Owned>::new(2)?.rt.run(async { 42 }), 42);
            /// # Ok::<(), LaunchError>(())
            /// ```
            worker_threads_hint, WorkerThreadsHint, hint, 4, "the same as a wish, ignored where the runtime has no such number";

            /// Sets how the runtime's threads are called. A name must not contain a zero byte.
            ///
            /// Tools such as `top -H` and debuggers show it, and the message of a panic names it.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().thread_name("fetcher");
            /// assert_eq!(config.thread_name.as_deref(), Some("fetcher"));
            /// ```
            thread_name, ThreadName, text, "app", "how the runtime's threads are called";

            /// Sets the stack of each of the runtime's threads, in bytes; at least 1. Unset: 2 MiB, as for any thread of Rust's.
            ///
            /// Deeply nested futures need more in builds without optimisation than in those with it.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().thread_stack_size(8 << 20); // 8 MiB
            /// assert_eq!(config.thread_stack_size, Some(8_388_608));
            /// ```
            thread_stack_size, ThreadStackSize, count, 1_048_576, "the stack of each thread, in bytes";

            /// Sets how many blocking closures may run at once; at least 1. Further ones wait in a queue.
            ///
            /// A closure that waits for another one that is still in the queue waits for ever, so leave room for those.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().max_blocking_threads(16);
            /// assert_eq!(config.max_blocking_threads, Some(16));
            /// ```
            max_blocking_threads, MaxBlockingThreads, count, 16, "how many blocking closures may run at once";

            /// Sets how long an idle thread of the blocking pool waits for work before it ends.
            ///
            /// A short time gives memory back; a long one saves the starts of threads where work comes in bursts.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Duration;
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().thread_keep_alive(Duration::from_secs(1));
            /// assert_eq!(config.thread_keep_alive, Some(Duration::from_secs(1)));
            /// ```
            thread_keep_alive, ThreadKeepAlive, duration, "500ms", "how long an idle thread of the blocking pool waits for work";

            /// Sets after how many polls of tasks a scheduler looks for events and timers; at least 1.
            ///
            /// A small number lets sockets and timers be seen earlier under load; a large one spends less on looking.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().event_interval(61);
            /// assert_eq!(config.event_interval, Some(61));
            /// ```
            event_interval, EventInterval, interval, 61, "polls of tasks between two looks at the poller";

            /// Sets after how many polls of tasks a scheduler looks into the queue that its threads share; at least 1.
            ///
            /// A small number is fairer to tasks that were spawned from outside of the runtime's threads.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().global_queue_interval(31);
            /// assert_eq!(config.global_queue_interval, Some(31));
            /// ```
            global_queue_interval, GlobalQueueInterval, interval, 31, "polls of tasks between two looks at the shared queue";

            /// Sets how many events one look at the system's poller takes; at least 1.
            ///
            /// A small number lets tasks run sooner when many sockets are ready at once.
            ///
            /// # Examples
            ///
            /// ```
            /// use anyrt_core::Config;
            ///
            /// let config = Config::new().max_io_events_per_tick(1024);
            /// assert_eq!(config.max_io_events_per_tick, Some(1024));
            /// ```
            max_io_events_per_tick, MaxIoEventsPerTick, count, 1024, "how many events one look at the poller takes";
        }
    };
}

/// The type of an option's value, by its kind.
macro_rules! value {
    (flavor) => {
        Flavor
    };
    (count) => {
        usize
    };
    (hint) => {
        usize
    };
    (interval) => {
        u32
    };
    (text) => {
        String
    };
    (duration) => {
        Duration
    };
}

/// A setter, by the kind of its value.
macro_rules! setter {
    (text, $name:ident, $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $name(mut self, value: impl Into<String>) -> Self {
            self.$name = Some(value.into());
            self
        }
    };
    ($kind:ident, $name:ident, $(#[$doc:meta])*) => {
        $(#[$doc])*
        pub fn $name(mut self, value: value!($kind)) -> Self {
            self.$name = Some(value);
            self
        }
    };
}

/// What is wrong with a value whatever the runtime, by its kind.
macro_rules! fault {
    (count, $value:expr) => {
        (*$value == 0).then_some(AT_LEAST_1)
    };
    (interval, $value:expr) => {
        (*$value == 0).then_some(AT_LEAST_1)
    };
    (text, $value:expr) => {
        $value
            .contains('\0')
            .then_some("must not contain a zero byte")
    };
    ($kind:ident, $value:expr) => {
        None
    };
}

const AT_LEAST_1: &str = "must be at least 1";

macro_rules! options {
    ($(
        $(#[$doc:meta])*
        $name:ident, $variant:ident, $kind:ident, $example:literal, $sets:literal;
    )*) => {
        /// What a program asks of the runtime that it [launches](crate::Launch::launch).
        ///
        /// Every option is unset at first, which leaves the choice to the runtime. A runtime that cannot honour an option
        /// refuses to launch with a [`LaunchError`] that names the option and the runtime. None is ignored, except for
        /// [`worker_threads_hint`](Self::worker_threads_hint()), which is a wish.
        ///
        /// | option | sets |
        /// | --- | --- |
        $(
            #[doc = concat!("| [`", stringify!($name), "`](Self::", stringify!($name), "()) | ", $sets, " |")]
        )*
        ///
        /// # Runtimes
        ///
        /// The page of each `Owned` and `Local` says which options it honours. The manual has [one table for all of our
        /// runtimes](https://docs.rs/anyrt/latest/anyrt/manual/for_applications/index.html).
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
            $(
                #[doc = concat!("Sets ", $sets, ". See [`", stringify!($name), "()`](Self::", stringify!($name), "()).")]
                pub $name: Option<value!($kind)>,
            )*
        }

        impl Config {
            $( setter!($kind, $name, $(#[$doc])*); )*

            /// The options that are set, each with what is wrong with its value whatever the runtime.
            fn set(&self) -> impl Iterator<Item = (ConfigOption, Option<&'static str>)> {
                [$(
                    self.$name.as_ref().map(|_value| (ConfigOption::$variant, fault!($kind, _value))),
                )*]
                .into_iter()
                .flatten()
            }
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
            $(
                #[doc = concat!("[`Config::", stringify!($name), "`].")]
                $variant,
            )*
        }

        impl fmt::Display for ConfigOption {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $( Self::$variant => stringify!($name), )*
                })
            }
        }
    };
}

__config_options!(options);

impl Config {
    /// Leaves every choice to the runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Config;
    ///
    /// let config = Config::new();
    /// assert_eq!(config.worker_threads, None);
    /// assert_eq!(config, Config::default());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns how many threads shall poll tasks: what is asked for, or else what is wished for.
    ///
    /// # For runtime authors
    ///
    /// A runtime whose number of threads can be set takes this number, and its own choice where it is `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Config;
    ///
    /// let wish = Config::new().worker_threads_hint(8);
    /// assert_eq!(wish.threads(), Some(8));
    /// assert_eq!(wish.worker_threads(2).threads(), Some(2));
    /// assert_eq!(Config::new().threads(), None);
    /// ```
    pub fn threads(&self) -> Option<usize> {
        let wish = self.worker_threads_hint.map(|threads| threads.max(1));
        self.worker_threads.or(wish)
    }

    /// Checks that every option that is set is one of `honoured`, and that its value makes sense.
    ///
    /// A number must not be zero, a name must not contain a zero byte, and a [`flavor`](Self::flavor()) of current-thread
    /// goes without [`worker_threads`](Self::worker_threads()). [`worker_threads_hint`](Self::worker_threads_hint()) passes
    /// always.
    ///
    /// # For runtime authors
    ///
    /// Begin [`Launch::launch`](crate::Launch::launch) with it. An option that a later version of this crate adds is then
    /// refused by your adapter until it is honoured. A runtime that has one flavour calls
    /// [`check_flavor`](Self::check_flavor) next.
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
        for (option, fault) in self.set() {
            if option == ConfigOption::WorkerThreadsHint {
                continue;
            }
            if !honoured.contains(&option) {
                return Err(LaunchError::unsupported(runtime, option));
            }
            if let Some(fault) = fault {
                return Err(LaunchError::invalid(runtime, option, fault));
            }
        }
        if self.flavor == Some(Flavor::CurrentThread) && self.worker_threads.is_some() {
            return Err(LaunchError::invalid(
                runtime,
                ConfigOption::WorkerThreads,
                "must be unset with the flavor current-thread, which has no worker threads",
            ));
        }
        Ok(())
    }

    /// Checks that the [`flavor`](Self::flavor()), if it is set, is `only`.
    ///
    /// # For runtime authors
    ///
    /// Call it in [`Launch::launch`](crate::Launch::launch) where the runtime has one flavour.
    ///
    /// # Errors
    ///
    /// [`LaunchError`], which names the flavour that the runtime has.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Flavor};
    ///
    /// let config = Config::new().flavor(Flavor::MultiThread);
    /// let error = config.check_flavor("mini", Flavor::CurrentThread).unwrap_err();
    /// assert_eq!(error.to_string(), "mini refuses the option `flavor`: it must be current-thread, or unset");
    /// assert!(Config::new().check_flavor("mini", Flavor::CurrentThread).is_ok());
    /// ```
    pub fn check_flavor(&self, runtime: &'static str, only: Flavor) -> Result<(), LaunchError> {
        match self.flavor {
            Some(flavor) if flavor != only => Err(LaunchError::invalid(
                runtime,
                ConfigOption::Flavor,
                match only {
                    Flavor::CurrentThread => "must be current-thread, or unset",
                    Flavor::MultiThread => {
                        "must be multi-thread, or unset: to poll tasks on one thread, launch a `Local`"
                    }
                },
            )),
            _ => Ok(()),
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
