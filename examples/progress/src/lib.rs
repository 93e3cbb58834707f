//! Downloads with a live progress bar, on whichever runtime its user picked, and in a web page.
//!
//! [`download`] asks for `R: Timer + Clone` and for a [`Body`], which its caller opens: over sockets on a server, and with `fetch` in a
//! browser. It spawns nothing and never blocks, so one thread will do, that of a page as well.
//!
//! # Examples
//!
//! ```
//! use std::future::pending;
//! use std::io;
//!
//! use anyrt_core::Timer;
//! use anyrt_progress::{Bar, Body, Limits, download};
//! use futures::stream;
//!
//! async fn fetch<R: Timer + Clone>(rt: &R) -> io::Result<Vec<u8>> {
//!     let body = async {
//!         let pieces = stream::iter([Ok("moin, "), Ok("world")]);
//!         Ok(Body { total: Some(11), pieces })
//!     };
//!     let mut file = Vec::new();
//!     let show = |progress| eprint!("\r{}", Bar(progress));
//!     download(rt, body, Limits::new(), pending(), &mut file, show).await?;
//!     Ok(file)
//! }
//! # use anyrt_core::{BlockOn, Config, Launch};
//! # let rt = anyrt_smol::Owned::launch(Config::new()).map_err(io::Error::other)?;
//! # assert_eq!(rt.block_on(fetch(&rt.handle()))?, b"moin, world");
//! # Ok::<(), io::Error>(())
//! ```

mod bar;
mod body;
mod download;
mod limits;
mod progress;

pub use bar::Bar;
pub use body::Body;
pub use download::download;
pub use limits::Limits;
pub use progress::Progress;
