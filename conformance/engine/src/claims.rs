use std::collections::BTreeSet;
use std::time::Duration;

use crate::Capability;
use crate::capability::{
    Background, ForeignBlockOn, GlobalTimer, MultiThread, NestedBlockOn, VirtualTime,
};

/// What a backend says about itself; rules check each for truth.
///
/// The default claims nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// How late a sleep may be by the timer's design.
    pub timer_resolution: Duration,
    /// Polls tasks on several threads at once ([`MultiThread`](crate::capability::MultiThread)).
    pub multi_thread: bool,
    /// Polls tasks while nobody blocks on the runtime ([`Background`](crate::capability::Background)).
    pub background: bool,
    /// `block_on` inside a task of the same runtime completes ([`NestedBlockOn`](crate::capability::NestedBlockOn)).
    pub nested_block_on: bool,
    /// A sleep awaited under another crate's `block_on`, inside a task, fires ([`ForeignBlockOn`](crate::capability::ForeignBlockOn)).
    pub foreign_block_on: bool,
    /// A sleep fires while nobody drives the runtime ([`GlobalTimer`](crate::capability::GlobalTimer)).
    pub global_timer: bool,
    /// The clock is virtual ([`VirtualTime`](crate::capability::VirtualTime)).
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
    /// The claims that other specifications know.
    pub others: BTreeSet<Capability>,
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
            others: BTreeSet::new(),
        }
    }
}

impl Claims {
    /// Whether `capability` is one of those claimed.
    pub fn has(&self, capability: Capability) -> bool {
        let own = [
            (MultiThread, self.multi_thread),
            (Background, self.background),
            (NestedBlockOn, self.nested_block_on),
            (ForeignBlockOn, self.foreign_block_on),
            (GlobalTimer, self.global_timer),
            (VirtualTime, self.virtual_time),
        ];
        own.contains(&(capability, true)) || self.others.contains(&capability)
    }
}
