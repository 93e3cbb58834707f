//! Runtimes without a type parameter.
//!
//! The erased runtime is object safe, so it cannot be generic over a task's output. Instead a task's future travels in a box
//! that keeps its output when it is done, and *the box itself is the output* of the runtime's own task: the joiner gets it
//! back and takes the value out. That is one box for the future and its value together; the erased handle is the second.

mod block_on;
mod current;
mod dyn_runtime;
mod local_runtime;
mod packet;
mod runtime;
mod sleep;
mod task;
mod timer;

pub use self::block_on::AnyBlockOn;
pub use self::current::AsCurrent;
pub use self::local_runtime::AnyLocalRuntime;
pub use self::runtime::AnyRuntime;
pub use self::sleep::{AnyLocalSleep, AnySleep};
pub use self::task::{AnyLocalTask, AnyTask};
pub use self::timer::AnyTimer;
