//! How a program's runtime is chosen, started and shut down. With no runtime compiled in, there is nothing of this.

pub(crate) mod backend;
pub(crate) mod entry;
#[cfg(feature = "compio")]
pub(crate) mod local_only;
pub(crate) mod not_started;
// Public below `__private`, so that it counts as used where the simulation is the only runtime.
pub mod once;
#[cfg(feature = "sim")]
pub(crate) mod seeds;
pub(crate) mod select;
pub(crate) mod settings;
#[cfg(feature = "net")]
pub(crate) mod sockets;
pub(crate) mod unheard;
