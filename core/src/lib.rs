#![doc = include_str!("../README.md")]

mod abort_handle;
mod abort_on_drop;
mod any;
mod block_on;
mod config;
mod current;
mod elapsed;
mod interval;
mod join_error;
mod join_handle;
mod launch;
mod launch_error;
mod missed_tick;
mod no_runtime;
mod pointers;
pub mod prelude;
mod raw_task;
mod runtime;
mod sleep;
mod spawn;
mod spawn_blocking;
mod spawn_local;
mod spawn_meta;
mod timeout;
mod timer;
mod yield_now;

/// The clock's readings: [`std::time::Instant`], named here so that a target without that clock can have another.
#[doc(no_inline)]
pub use std::time::Instant;

pub use abort_handle::AbortHandle;
pub use abort_on_drop::AbortOnDrop;
pub use any::{AnyRuntime, AnySleep, AnyTask};
pub use block_on::BlockOn;
pub use config::{Config, ConfigOption, Flavor};
pub use current::Current;
pub use elapsed::Elapsed;
pub use interval::{Interval, Tick};
pub use join_error::JoinError;
pub use join_handle::{Cancel, JoinHandle};
pub use launch::Launch;
pub use launch_error::LaunchError;
pub use missed_tick::MissedTick;
pub use no_runtime::NoRuntime;
pub use raw_task::RawTask;
pub use runtime::{LocalRuntime, Runtime};
pub use sleep::Sleep;
pub use spawn::Spawn;
pub use spawn_blocking::SpawnBlocking;
pub use spawn_local::SpawnLocal;
pub use spawn_meta::SpawnMeta;
pub use timeout::Timeout;
pub use timer::Timer;
pub use yield_now::{YieldNow, yield_now};
