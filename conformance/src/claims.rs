use std::time::Duration;

use crate::Capability;

/// What a backend says about itself; rules check each for truth.
///
/// The default claims nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// How late a sleep may be by the timer's design.
    pub timer_resolution: Duration,
    /// Polls tasks on several threads at once ([`Capability::MultiThread`]).
    pub multi_thread: bool,
    /// Polls tasks while nobody blocks on the runtime ([`Capability::Background`]).
    pub background: bool,
    /// `block_on` inside a task of the same runtime completes ([`Capability::NestedBlockOn`]).
    pub nested_block_on: bool,
    /// A sleep awaited under another crate's `block_on`, inside a task, fires ([`Capability::ForeignBlockOn`]).
    pub foreign_block_on: bool,
    /// A sleep fires while nobody drives the runtime ([`Capability::GlobalTimer`]).
    pub global_timer: bool,
    /// The clock is virtual ([`Capability::VirtualTime`]).
    pub virtual_time: bool,
    /// How many blocking closures run at once, at the least.
    pub blocking_parallelism: usize,
    /// What becomes of running blocking closures when the runtime ends.
    pub blocking_at_shutdown: AtShutdown,
    /// How many blocking closures run at once, at the most.
    pub blocking_limit: usize,
    /// The names of the threads that end with the runtime, as globs.
    pub threads: Vec<String>,
    /// The names of the threads that it shares with the rest of the process, and that stay.
    pub process_threads: Vec<String>,
    /// A runtime is found wherever one is looked for, since the process has one that is always there.
    pub always_current: bool,
}

/// What becomes of running blocking closures when the runtime ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtShutdown {
    /// The end of the runtime waits for them, within the grace.
    Waits,
    /// They are left to end by themselves.
    Leaves,
    /// There are none: closures run on the thread that drives, and those that wait in the queue are dropped unrun.
    NoneRuns,
}

impl Default for Claims {
    fn default() -> Self {
        Self {
            timer_resolution: Duration::from_millis(1),
            multi_thread: false,
            background: false,
            nested_block_on: false,
            foreign_block_on: false,
            global_timer: false,
            virtual_time: false,
            blocking_parallelism: 4,
            blocking_at_shutdown: AtShutdown::Leaves,
            blocking_limit: 512,
            threads: Vec::new(),
            process_threads: Vec::new(),
            always_current: false,
        }
    }
}

impl Claims {
    /// Whether `capability` is one of those claimed.
    pub fn has(&self, capability: Capability) -> bool {
        match capability {
            Capability::MultiThread => self.multi_thread,
            Capability::Background => self.background,
            Capability::NestedBlockOn => self.nested_block_on,
            Capability::ForeignBlockOn => self.foreign_block_on,
            Capability::GlobalTimer => self.global_timer,
            Capability::VirtualTime => self.virtual_time,
            Capability::Shared
            | Capability::Local
            | Capability::Blocking
            | Capability::Owned
            | Capability::Movable
            | Capability::Current
            | Capability::Heap
            | Capability::Threads
            | Capability::Native => false,
        }
    }
}
