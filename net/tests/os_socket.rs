//! What is registered from outside: an operation that found nothing waits again.
#![cfg(unix)]

use std::future::poll_fn;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;

use anyrt_core::{Config, prelude::*};
use anyrt_net::{Interest, OsNet, OsSocket};

#[test]
fn poll_io_waits_again_where_nothing_was_found() {
    let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    let (mut mine, mut other) = UnixStream::pair().unwrap();
    mine.set_nonblocking(true).unwrap();
    let handle = rt.handle();
    let mut calls = 0;
    let read = rt.block_on(async {
        let socket = handle.register(mine.try_clone().unwrap().into()).unwrap();
        other.write_all(b"a").unwrap();
        // The first event is for a byte that somebody else has taken.
        let mut read = || {
            calls += 1;
            let mut byte = [0];
            mine.read_exact(&mut byte)?;
            if calls == 1 {
                other.write_all(b"b").unwrap();
                return Err(ErrorKind::WouldBlock.into());
            }
            Ok(byte)
        };
        poll_fn(|cx| socket.poll_io(cx, Interest::Read, &mut read)).await
    });
    assert_eq!(read.unwrap(), *b"b");
    assert_eq!(calls, 2);
}
