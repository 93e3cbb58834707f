#![doc = include_str!("../README.md")]

#[cfg(feature = "async-io")]
mod async_io;
mod blocking_task;
mod budget;
mod closeable;
mod closures;
mod contain_drop;
mod joinable;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod local;
mod local_driver;
mod local_executor;
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
pub use closeable::Closeable;
pub use closures::{Closures, Process, Running};
pub use contain_drop::{ContainDrop, Contained};
pub use joinable::{Joinable, settle};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use local::{Local, LocalFamily, LocalHandle, is_inside_local};
pub use local_driver::{LocalDriver, ShareDriver};
pub use local_executor::LocalExecutor;
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
