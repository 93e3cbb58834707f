//! A runtime as the rules see it.
//!
//! A rule is compiled once, not once for each backend: it sees a runtime through [`Shared`] or [`Local`], which hold it
//! behind a trait object ([`Layer`], [`LocalLayer`]). Futures, outputs and handles travel in boxes of the suite's, and the
//! runtime's own generic code runs underneath with those boxes as its types: its `spawn`, its task, core's `JoinHandle`
//! around that task, its sleep, core's `Timeout` and `Interval` over that sleep. What depends on the very type of a future
//! (zero-sized ones, big ones, sizes) is asked of the layer by methods of their own.
//!
//! Both types have the same methods, so that the text of a rule fits either.

mod direct;
mod handle;
mod layer;
mod looked_up;
mod task;
mod wrap;

pub use direct::{Direct, LocalDirect};
pub use handle::{Handle, Kind, Limit, Local, LocalHandle, LocalLimit, Shared};
pub use layer::*;
pub(crate) use looked_up::LookedUp;
pub use task::{Held, TypedTask, Unbox};
pub(crate) use wrap::block_on;
