#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(not(target_os = "none"))]
extern crate std;

mod abort_handle;
mod abort_on_drop;
mod any;
mod block_on;
mod box_interval;
mod box_join_handle;
mod config;
mod current;
mod elapsed;
mod fused_join_handle;
mod interval;
mod join_error;
mod join_handle;
mod join_or_panic;
mod launch;
mod launch_error;
mod missed_tick;
mod no_runtime;
mod platform;
mod pointers;
pub mod prelude;
mod raw_task;
mod runtime;
mod share_timer;
mod sleep;
mod sleep_until_system_time;
mod spawn;
mod spawn_blocking;
mod spawn_local;
mod spawn_meta;
mod task_handle;
mod timeout;
mod timer;
mod yield_now;

pub use abort_handle::AbortHandle;
pub use abort_on_drop::AbortOnDrop;
pub use any::{
    AnyBlockOn, AnyLocalRuntime, AnyLocalSleep, AnyLocalTask, AnyRuntime, AnySleep, AnyTask,
    AnyTimer, AsCurrent,
};
pub use block_on::BlockOn;
pub use box_interval::BoxInterval;
pub use box_join_handle::{BoxJoinHandle, LocalBoxJoinHandle};
pub use config::{Config, ConfigOption, Flavor};
pub use current::Current;
pub use elapsed::Elapsed;
pub use fused_join_handle::FusedJoinHandle;
pub use interval::{Interval, Tick};
pub use join_error::JoinError;
pub use join_handle::{Cancel, JoinHandle};
pub use join_or_panic::JoinOrPanic;
pub use launch::Launch;
pub use launch_error::LaunchError;
pub use missed_tick::MissedTick;
pub use no_runtime::NoRuntime;
/// A reading of a runtime's clock: `std::time::Instant`, or a type of this crate on a target without that clock.
#[doc(no_inline)]
pub use platform::Instant;
/// A reading of the wall clock: `std::time::SystemTime`, or a type of this crate on a target without the standard library.
#[doc(no_inline)]
pub use platform::SystemTime;
/// The error of a wall clock that is behind.
#[doc(no_inline)]
pub use platform::SystemTimeError;
pub use raw_task::RawTask;
pub use runtime::{LocalRuntime, Runtime};
pub use share_timer::ShareTimer;
pub use sleep::Sleep;
pub use sleep_until_system_time::SleepUntilSystemTime;
pub use spawn::Spawn;
pub use spawn_blocking::SpawnBlocking;
pub use spawn_local::SpawnLocal;
pub use spawn_meta::SpawnMeta;
pub use task_handle::{BlockingTaskHandle, LocalTaskHandle, TaskHandle};
pub use timeout::Timeout;
pub use timer::Timer;
pub use yield_now::{YieldNow, yield_now};
