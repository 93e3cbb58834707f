#![cfg_attr(
    all(target_family = "wasm", target_os = "unknown"),
    doc = include_str!("../README.md")
)]
#![cfg_attr(
    not(all(target_family = "wasm", target_os = "unknown")),
    doc = "Empty on this target: anyrt on JavaScript's event loop, for `wasm32-unknown-unknown`."
)]
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

#[cfg(target_feature = "atomics")]
compile_error!(
    "anyrt-wasm runs on the one thread of a page, a worker or node: build without `-Ctarget-feature=+atomics`"
);

mod ambient;
mod blocking_task;
mod driver;
mod event_loop;
mod handle;
mod host;
mod local_task;
mod owned;
mod sleep;
mod task;
mod timers;

pub use ambient::Ambient;
pub use blocking_task::BlockingTask;
pub use handle::Wasm;
pub use local_task::LocalTask;
pub use owned::Owned;
pub use sleep::Sleep;
pub use task::Task;
