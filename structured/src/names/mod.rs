//! Names of tasks, for panic hooks, logs and `tracing`.

mod instrumented;
#[cfg(feature = "net")]
mod instrumented_net;
mod named;
#[cfg_attr(feature = "tracing", path = "span_tracing.rs")]
#[cfg_attr(not(feature = "tracing"), path = "span_none.rs")]
mod span;
mod task_info;

pub use self::instrumented::Instrumented;
pub(crate) use self::named::Named;
pub use self::task_info::TaskInfo;
