//! Hashes the files of a folder, on whichever runtime its user picked.
//!
//! This is a model of how a library is written against `anyrt-core`. It walks a folder, hashes every file on the runtime's
//! blocking pool, several at a time, gives each a time limit, tries again after a pause that doubles, reports its progress
//! in even steps, and stops when it is told to. It names no runtime, and no type of one appears in its API.
//!
//! # Why it is generic
//!
//! [`TreeHash`] takes `R: Runtime` by value and keeps it. A library that starts with a look-up of "the current runtime"
//! works on one thread and fails on another; a value works anywhere, also on a plain thread, and the compiler knows its
//! type, so that nothing is boxed. A user who minds the type parameter passes an [`AnyRuntime`](anyrt_core::AnyRuntime),
//! which is a `Runtime`, too.
//!
//! # What is injected
//!
//! - **The runtime**, as a value: the blocking pool, the sleeps and the clock. Time limits, pauses and the elapsed time are
//!   the runtime's, so a test with another clock waits for nothing; `Instant::now()` is called nowhere.
//! - **The source of bytes** ([`Source`]), so that tests can have files that fail, and files that never end.
//! - **The signal to stop**: any future. A channel, a sleep, Ctrl-C: whoever calls knows best.
//! - **The progress line**: any closure, called between two polls on the caller's thread. It may hold an `Rc`.
//!
//! # What is not
//!
//! - **Channels, `select!` and collections of futures** come from the `futures` crate, which runs anywhere.
//! - **Tasks.** Everything but the hashing happens in the future that [`TreeHash::hash`] returns. It spawns no task, so
//!   there is none to join, to abort or to forget, and dropping that future ends everything.
//! - **Starting a runtime, and blocking on one.** Programs do that.
//!
//! # Examples
//!
//! ```
//! use std::path::Path;
//! use anyrt_core::Runtime;
//! use anyrt_examples::treehash::{FileError, TreeHash};
//!
//! async fn fingerprint<R: Runtime>(rt: R, folder: &Path) -> Result<String, FileError> {
//!     let report = TreeHash::new(rt).ignore(["target"]).hash(folder).await?;
//!     for error in report.errors() {
//!         eprintln!("{error}");
//!     }
//!     Ok(report.digest().map_or("incomplete".into(), |digest| digest.to_string()))
//! }
//! # use anyrt_core::{prelude::*, Config};
//! # let rt = anyrt_tokio::Owned::launch(Config::new())?;
//! # let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
//! # assert_eq!(rt.block_on(fingerprint(rt.handle(), folder))?.len(), 64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backoff;
mod digest;
mod file_error;
mod hashing;
mod job;
mod progress;
mod report;
mod source;
mod stop;
mod tree_hash;
mod walk;
mod watch;

pub use backoff::Backoff;
pub use digest::Digest;
pub use file_error::FileError;
pub use progress::Progress;
pub use report::{HashedFile, Report};
pub use source::{Disk, Source};
pub use tree_hash::TreeHash;
