//! What some backends can do and others cannot: one table.

use std::cmp::Ordering;
use std::fmt;

use crate::kit;

/// What some backends can do and others cannot.
///
/// A rule names those that it needs, as in `rt: Any + Owned`. The table of the engine's own is this module; a specification
/// has [a table of its own](crate::capabilities!).
#[derive(Clone, Copy)]
pub struct Capability {
    name: &'static str,
    missing: &'static str,
    source: Source,
}

/// Where it is known from whether a backend has a capability.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// From the backend's declaration: the constructor that made it, or [`Backend::declares`](crate::Backend::declares). A
    /// rule that needs a missing one is not applicable.
    Declared,
    /// From the program or the system. A rule that needs a missing one is not applicable.
    Found(fn() -> bool),
    /// From the backend's [`Claims`](crate::Claims). A rule that needs a claim which is not made is run all the same, and
    /// turns red if it holds.
    Claimed,
}

impl Capability {
    /// A row of a table; [`capabilities!`](crate::capabilities!) calls it.
    pub const fn new(name: &'static str, missing: &'static str, source: Source) -> Self {
        Self {
            name,
            missing,
            source,
        }
    }

    /// Where it is known from.
    pub fn source(self) -> Source {
        self.source
    }

    /// Whether it is a claim, which is checked also where it is not made.
    pub fn is_claim(self) -> bool {
        matches!(self.source, Source::Claimed)
    }

    /// Why a rule that needs it does not apply to a backend without it.
    pub fn missing(self) -> &'static str {
        self.missing
    }
}

impl PartialEq for Capability {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Capability {}

impl PartialOrd for Capability {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Capability {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl fmt::Debug for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// Declares the capabilities of a specification, one constant each: its name, why a rule that needs it does not apply, and
/// [where it is known from](Source).
///
/// Where a file of rules imports the constants, its rules name them: `rt: Any + Udp`.
///
/// ```
/// anyrt_conformance_engine::capabilities! {
///     /// Has datagram sockets.
///     Udp: "it has no datagram sockets (no `Udp`)", Declared;
/// }
/// assert!(!Udp.is_claim());
/// ```
#[macro_export]
macro_rules! capabilities {
    ($($(#[$doc:meta])+ $name:ident: $missing:literal, $source:ident $(($found:expr))?;)+) => {$(
        $(#[$doc])+
        #[allow(non_upper_case_globals, reason = "rules name it beside types, as in `rt: Any + Owned`")]
        pub const $name: $crate::Capability = $crate::Capability::new(
            stringify!($name),
            $missing,
            $crate::Source::$source $(($found))?,
        );
    )+};
}

capabilities! {
    /// Tasks that are `Send`: implements `Spawn`.
    Shared: "its tasks stay on one thread (no `Spawn`)", Declared;
    /// Tasks that stay on one thread: implements `SpawnLocal`.
    Local: "it has no local tasks (no `SpawnLocal`)", Declared;
    /// A blocking pool: implements `SpawnBlocking`.
    Blocking: "it has no blocking pool (no `SpawnBlocking`)", Declared;
    /// Is started and shut down by the program: implements `Launch`.
    Owned: "it cannot be started and shut down (no `Launch`)", Declared;
    /// The runtime itself can be moved to another thread, and so into a task of its own: is `Send`.
    Movable: "it stays on the thread that started it (no `Send`)", Declared;
    /// Can be looked up by the code that runs on it: implements `Current`.
    Current: "it cannot be looked up (no `Current`)", Declared;
    /// The program's allocator counts: see [`count_heap!`](crate::count_heap!).
    Heap: "the program's allocator does not count (no `count_heap!`)", Found(kit::heap_is_counted);
    /// The system starts threads: a browser does not.
    SystemThreads: "the system starts no threads", Found(kit::has_threads);
    /// The system tells the names of a process's threads: Linux does.
    Threads: "the system does not tell the names of threads", Found(kit::threads_are_named);
    /// Declares how its own facilities are checked: see [`Native`](struct@crate::Native).
    Native: "it declares no facilities of its own (no `native`)", Declared;
    /// Polls tasks on several threads at once.
    MultiThread: "does not claim `multi_thread`", Claimed;
    /// Polls tasks while nobody blocks on the runtime.
    Background: "does not claim `background`", Claimed;
    /// `block_on` inside a task of the same runtime completes.
    NestedBlockOn: "does not claim `nested_block_on`", Claimed;
    /// A sleep awaited under another crate's `block_on`, inside a task, fires.
    ForeignBlockOn: "does not claim `foreign_block_on`", Claimed;
    /// A sleep fires while nobody drives the runtime.
    GlobalTimer: "does not claim `global_timer`", Claimed;
    /// Time stands still while tasks run, and jumps when all of them wait.
    VirtualTime: "does not claim `virtual_time`", Claimed;
}
