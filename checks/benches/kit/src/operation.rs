//! What is measured.

/// One thing that a program asks of a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Spawns a task that is ready at its first poll, and joins it.
    SpawnJoin,
    /// As `SpawnJoin`, but spawns [`BATCH`] tasks before it joins them; counted per task.
    Batch,
    /// Spawns [`BATCH`] tasks, lets go of them, and yields until all have run; counted per task.
    Detach,
    /// Makes a sleep and drops it.
    SleepMade,
    /// Makes a sleep that is far from due, polls it once, and drops it.
    SleepPolled,
    /// Puts a limit on a future that is ready at once.
    TimeoutReady,
    /// Puts a limit on a future that is pending once and then ready.
    TimeoutPending,
    /// Takes a tick that is due from an interval.
    IntervalTick,
    /// Runs a closure on the blocking pool and joins it.
    Blocking,
    /// Blocks, outside async code, on a future that is ready at once.
    BlockOn,
    /// Spawns a task that is always pending, aborts it, and joins it.
    AbortJoin,
    /// Spawns a task that panics, and takes its payload.
    PanicJoin,
    /// Spawns [`BATCH`] tasks into a group and joins them in the order in which they end; counted per task.
    TaskGroup,
    /// Spawns [`BATCH`] tasks that a scope waits for; counted per task.
    Scope,
    /// Takes a free permit of a semaphore and gives it back.
    Semaphore,
}

/// How many tasks one batch holds.
pub const BATCH: usize = 32;

impl Operation {
    /// What every runtime does by itself, in the order of the tables.
    pub const ALL: [Self; 12] = [
        Self::SpawnJoin,
        Self::Batch,
        Self::Detach,
        Self::SleepMade,
        Self::SleepPolled,
        Self::TimeoutReady,
        Self::TimeoutPending,
        Self::IntervalTick,
        Self::Blocking,
        Self::BlockOn,
        Self::AbortJoin,
        Self::PanicJoin,
    ];

    /// All but closures on a blocking pool.
    pub const WITHOUT_BLOCKING: [Self; 11] = [
        Self::SpawnJoin,
        Self::Batch,
        Self::Detach,
        Self::SleepMade,
        Self::SleepPolled,
        Self::TimeoutReady,
        Self::TimeoutPending,
        Self::IntervalTick,
        Self::BlockOn,
        Self::AbortJoin,
        Self::PanicJoin,
    ];

    /// What `anyrt-structured` adds.
    pub const STRUCTURED: [Self; 3] = [Self::TaskGroup, Self::Scope, Self::Semaphore];

    /// How it is called in tables and in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::SpawnJoin => "spawn_join",
            Self::Batch => "batch",
            Self::Detach => "detach",
            Self::SleepMade => "sleep_made",
            Self::SleepPolled => "sleep_polled",
            Self::TimeoutReady => "timeout_ready",
            Self::TimeoutPending => "timeout_pending",
            Self::IntervalTick => "interval_tick",
            Self::Blocking => "blocking",
            Self::BlockOn => "block_on",
            Self::AbortJoin => "abort_join",
            Self::PanicJoin => "panic_join",
            Self::TaskGroup => "task_group",
            Self::Scope => "scope",
            Self::Semaphore => "semaphore",
        }
    }
}
