//! A runtime as the rules see it.
//!
//! A rule is compiled once, not once for each backend: it sees a runtime through [`Shared`] or [`Local`], which hold it
//! behind a trait object ([`Layer`], [`LocalLayer`]). Futures, outputs and handles travel in boxes of the suite's, and the
//! runtime's own generic code runs underneath with those boxes as its types: its `spawn`, its task, core's `JoinHandle`
//! around that task, its sleep, core's `Timeout` and `Interval` over that sleep. What depends on the very type of a future
//! (zero-sized ones, big ones, sizes) is asked of the layer by methods of their own.
//!
//! Both types have the same methods, so that the text of a rule fits either.

mod handle;
mod layer;
mod local;
mod shared;
mod statics;
mod task;
mod wrap;

pub use handle::{Handle, Kind, LocalHandle};
pub use layer::{
    BlockingWork, BoxInterval, BoxSleep, BoxTask, BoxTimeout, BoxWork, Layer, LocalBoxInterval,
    LocalBoxSleep, LocalBoxTask, LocalBoxTimeout, LocalBoxWork, LocalLayer, LocalValue, RootFuture,
    Sizes, Tick, Value,
};
pub use layer::{HOUR, arm, small};
pub use local::{Local, LocalLimit};
pub use shared::{Limit, Shared};
pub use statics::{Direct, LocalDirect};
pub use task::{Held, TypedTask, Unbox};
pub(crate) use wrap::block_on;
