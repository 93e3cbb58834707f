#![doc = include_str!("../README.md")]

#[cfg(feature = "async-io")]
mod async_io;
mod blocking_task;
mod budget;
#[cfg(feature = "executor")]
mod closeable;
#[cfg(feature = "executor")]
mod closing;
mod closures;
mod contain_drop;
mod desk;
mod joinable;
#[cfg(all(
    feature = "executor",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
mod local;
#[cfg(feature = "executor")]
mod local_driver;
#[cfg(feature = "executor")]
mod local_executor;
#[cfg(feature = "executor")]
mod local_task;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "sockets")]
mod net_driver;
#[cfg(feature = "async-io")]
mod reactor;
mod root;
mod shared;
#[cfg(feature = "async-io")]
mod sleep;
mod slot;
mod task;
mod watched;

#[cfg(feature = "async-io")]
pub use async_io::AsyncIo;
pub use blocking_task::{BlockingTask, unblock};
pub use budget::give_way;
#[cfg(feature = "sockets")]
pub use budget::{poll_proceed, refund};
#[cfg(feature = "executor")]
pub use closeable::Closeable;
pub use closures::{Closures, Process, Running};
pub use contain_drop::{ContainDrop, Contained};
pub use joinable::{Joinable, settle};
#[cfg(all(
    feature = "executor",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
pub use local::{Local, LocalFamily, LocalHandle, is_inside_local};
#[cfg(feature = "executor")]
pub use local_driver::{LocalDriver, ShareDriver};
#[cfg(feature = "executor")]
pub use local_executor::LocalExecutor;
#[cfg(feature = "executor")]
pub use local_task::LocalTask;
#[cfg(feature = "sockets")]
pub use net_driver::NetDriver;
#[cfg(feature = "async-io")]
pub use reactor::Reactor;
pub use root::Root;
#[cfg(feature = "async-io")]
pub use sleep::Sleep;
pub use task::Task;
pub use watched::Watched;
