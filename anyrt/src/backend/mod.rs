//! The runtimes as the entry points see them. One that is not compiled in is a type without values, so that code which names
//! all of them needs no `cfg`.

#[cfg(not(all(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
)))]
pub mod absent;
#[cfg(feature = "async-std")]
pub mod async_std;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(feature = "smol")]
pub mod smol;
mod start;
#[cfg(feature = "tokio")]
pub mod tokio;

use anyrt_core::{AnyRuntime, NoRuntime, Runtime};

#[cfg(not(feature = "async-std"))]
pub use self::absent as async_std;
#[cfg(not(feature = "sim"))]
pub use self::absent as sim;
#[cfg(not(feature = "smol"))]
pub use self::absent as smol;
#[cfg(not(feature = "tokio"))]
pub use self::absent as tokio;
pub(crate) use self::start::Start;

use crate::select::Chosen;

/// A runtime that is compiled in.
pub trait Backend: Copy {
    /// What a program starts.
    type Owned: Start<Handle: Runtime>;
    /// What a program starts whose root is not `Send`.
    type Local: Start;

    /// The name of the cargo feature, which `ANYRT_RUNTIME` uses as well.
    fn name(self) -> &'static str;

    /// The runtime that the caller runs on, if it is of this kind.
    fn current(self) -> Result<AnyRuntime, NoRuntime>;

    /// The value to record as the program's choice.
    fn chosen(self) -> Chosen;
}
