//! Downloads a file over HTTP/1.1 and tells how far it is, on whichever runtime its user picked, in one task on one thread.
//!
//! The library asks for `R: Tcp + Resolve + Timer + Clone` and not for more: it spawns nothing, so the handles of local runtimes and of
//! those with one thread will do. What it does with the bytes is [`anyrt_progress::download`](fn@anyrt_progress::download), which runs in
//! a web page as well: the bytes and the ticks of the progress meet in one `select`, and here the bytes come from a socket.
//!
//! It is no HTTP client: no TLS, no redirects, one connection for each download. `hyper` has all of that.
//!
//! # Examples
//!
//! ```
//! use anyrt_examples::download::{Bar, download};
//! use anyrt_net::prelude::*;
//!
//! async fn fetch<R: NetRuntime>(rt: &R, url: &str) -> std::io::Result<Vec<u8>> {
//!     let mut file = Vec::new();
//!     let done = download(rt, url, &mut file, |progress| eprint!("\r{}", Bar(progress))).await?;
//!     eprintln!("\r{}", Bar(done));
//!     Ok(file)
//! }
//! # use std::io::{Read, Write};
//! # use anyrt_core::{Config, prelude::*};
//! # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let url = format!("http://{}/hello", server.local_addr()?);
//! # std::thread::spawn(move || {
//! #     let (mut stream, _) = server.accept().unwrap();
//! #     stream.read(&mut [0; 512]).unwrap();
//! #     stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
//! # });
//! # let rt = anyrt_tokio::Owned::launch(Config::new()).map_err(std::io::Error::other)?;
//! # assert_eq!(rt.block_on(fetch(&rt.handle(), &url))?, b"hello");
//! # Ok::<(), std::io::Error>(())
//! ```

#[expect(clippy::module_inception, reason = "the main function of the module")]
mod download;
mod framing;
mod head;
mod url;

#[doc(no_inline)]
pub use anyrt_progress::{Bar, Progress};

pub use download::download;
