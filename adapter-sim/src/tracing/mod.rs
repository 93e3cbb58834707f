//! Events and spans of `tracing`, stamped with virtual time, host and task. Behind the feature `tracing`.
//!
//! A library's own log lines say what it believed. In a simulation they belong beside the messages, at the virtual time at which they
//! were written:
//!
//! | you want | you add to a registry of `tracing-subscriber` |
//! | --- | --- |
//! | events in a failure's report, its page and [`Network::log`](crate::net::Network::log) | [`Recorder`] |
//! | lines on standard output that begin with virtual time, host and task | its `fmt` layer, with [`VirtualTime`] as its timer |
//! | a layer of your own that knows when, where and for which task a span began | [`Stamp`], which [`Recorder`] keeps in each span |
//!
//! A subscriber is the process's or the thread's, and a [`check`](crate::check()) runs seeds on several threads, so a test sets the
//! global one, once. Each event finds the simulation that its thread runs.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//! use anyrt_core::prelude::*;
//! use anyrt_sim::tracing::{Recorder, VirtualTime};
//! use anyrt_sim::Check;
//! use tracing_subscriber::prelude::*;
//!
//! /// The code under test, which knows nothing of the simulation.
//! async fn lead<R: Runtime>(rt: R, term: u64) {
//!     rt.sleep(Duration::from_millis(150)).await;
//!     tracing::info!(term, "became leader");
//! }
//!
//! // Once in the process: `try_init` fails where another test was first.
//! let _ = tracing_subscriber::registry()
//!     .with(Recorder::new())
//!     .with(tracing_subscriber::fmt::layer().with_timer(VirtualTime::new()).with_test_writer())
//!     .try_init();
//!
//! let failure = Check::new().find_failure(|sim| async move {
//!     for (term, name) in (1..).zip(["a", "b"]) {
//!         sim.host(name).restart(|rt| lead(rt, term)).detach();
//!     }
//!     sim.sleep(Duration::from_secs(1)).await;
//!     assert_eq!(sim.seed(), u64::MAX, "two leaders");
//! });
//! let report = failure.unwrap().to_string();
//! assert!(report.contains("#1 main INFO became leader term=1"), "{report}");
//! ```

mod fields;
mod recorder;
mod stamp;
mod virtual_time;

pub use recorder::Recorder;
pub use stamp::Stamp;
pub use virtual_time::VirtualTime;
