use std::fmt;

/// What some backends can do and others cannot.
///
/// The first group is declared by the trait bounds of the constructor that made the [`Backend`](crate::Backend), or is a
/// property of the program and the system; a rule that needs one that is missing is not applicable. The second group are [claims](crate::Claims). They are checked for truth in
/// both directions: a rule that needs a claim which the backend does not make is run all the same, and turns red if it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Tasks that are `Send`: implements `Spawn`.
    Shared,
    /// Tasks that stay on one thread: implements `SpawnLocal`.
    Local,
    /// A blocking pool: implements `SpawnBlocking`.
    Blocking,
    /// Is started and shut down by the program: implements `Launch`.
    Owned,
    /// The runtime itself can be moved to another thread, and so into a task of its own: is `Send`.
    Movable,
    /// Can be looked up by the code that runs on it: implements `Current`.
    Current,
    /// The program's allocator counts: see [`count_heap!`](crate::count_heap!).
    Heap,
    /// The system tells the names of a process's threads: Linux does.
    Threads,
    /// Declares how its own facilities are checked: see [`Native`](crate::Native).
    Native,
    /// Polls tasks on several threads at once.
    MultiThread,
    /// Polls tasks while nobody blocks on the runtime.
    Background,
    /// `block_on` inside a task of the same runtime completes.
    NestedBlockOn,
    /// A sleep awaited under another crate's `block_on`, inside a task, fires.
    ForeignBlockOn,
    /// A sleep fires while nobody drives the runtime.
    GlobalTimer,
    /// Time stands still while tasks run, and jumps when all of them wait.
    VirtualTime,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 15] = [
        Self::Shared,
        Self::Local,
        Self::Blocking,
        Self::Owned,
        Self::Movable,
        Self::Current,
        Self::Heap,
        Self::Threads,
        Self::Native,
        Self::MultiThread,
        Self::Background,
        Self::NestedBlockOn,
        Self::ForeignBlockOn,
        Self::GlobalTimer,
        Self::VirtualTime,
    ];

    /// Whether it is a claim, which is checked also where it is not made.
    pub fn is_claim(self) -> bool {
        self >= Self::MultiThread
    }

    /// Why a rule that needs it does not apply to a backend without it.
    pub fn missing(self) -> &'static str {
        match self {
            Self::Shared => "its tasks stay on one thread (no `Spawn`)",
            Self::Local => "it has no local tasks (no `SpawnLocal`)",
            Self::Blocking => "it has no blocking pool (no `SpawnBlocking`)",
            Self::Owned => "it cannot be started and shut down (no `Launch`)",
            Self::Movable => "it stays on the thread that started it (no `Send`)",
            Self::Current => "it cannot be looked up (no `Current`)",
            Self::Heap => "the program's allocator does not count (no `count_heap!`)",
            Self::Threads => "the system does not tell the names of threads",
            Self::Native => "it declares no facilities of its own (no `native`)",
            Self::MultiThread => "does not claim `multi_thread`",
            Self::Background => "does not claim `background`",
            Self::NestedBlockOn => "does not claim `nested_block_on`",
            Self::ForeignBlockOn => "does not claim `foreign_block_on`",
            Self::GlobalTimer => "does not claim `global_timer`",
            Self::VirtualTime => "does not claim `virtual_time`",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
