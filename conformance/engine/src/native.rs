use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// How the facilities of a runtime's own crate are checked, and what its own calls cost: what
/// [`Backend::native`](crate::Backend::native) takes.
#[derive(Clone, Copy)]
pub struct Native {
    /// A check that runs as a task. It panics, with a message, when something does not work there that works in a task which
    /// the runtime's own call spawned.
    pub facilities: fn() -> Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Spawns that many futures of the suite's by the runtime's own call, and detaches them. It is called where the runtime
    /// runs, in its `block_on`.
    pub spawn: fn(usize),
    /// Makes that many sleeps of an hour by the runtime's own call, polls each once, and drops them.
    pub sleep: fn(usize),
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").finish_non_exhaustive()
    }
}
