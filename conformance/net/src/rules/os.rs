//! Sockets that come from outside, and go there.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use anyrt_net::{Interest, prelude::*};
use futures::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{MOMENT, any, eventually, pair, poll_once};
use crate::rule::rules;

rules! { Any + Net + OsNet: OsNet;
    /// A socket of the standard library is taken over in either mode, blocking or not.
    ///
    /// Intent: whoever forgets `set_nonblocking` must not block the runtime.
    ///
    /// If this fails, check that the mode is set, and not assumed.
    async fn from_std_any_mode(rt) {
        for nonblocking in [false, true] {
            let listener = std::net::TcpListener::bind(any()).expect("listens");
            listener.set_nonblocking(nonblocking).expect("has the mode");
            let addr = listener.local_addr().expect("has an address");
            let listener = rt.tcp_listener_from_std(listener).expect("takes it");
            assert!(poll_once(listener.accept()).is_pending());
            let client = std::net::TcpStream::connect(addr).expect("connects");
            client.set_nonblocking(nonblocking).expect("has the mode");
            let mut client = rt.tcp_from_std(client).expect("takes it");
            let (mut server, _) = listener.accept().await.expect("accepts");
            // Also where the last event said that there is more.
            assert!(poll_once(listener.accept()).is_pending());
            assert!(poll_once(client.read(&mut [0; 4])).is_pending());
            server.write_all(b"x").await.expect("writes");
            assert_eq!(client.read(&mut [0; 1]).await.expect("reads"), 1);
            assert!(poll_once(client.read(&mut [0; 1])).is_pending());
            let socket = std::net::UdpSocket::bind(any()).expect("binds");
            socket.set_nonblocking(nonblocking).expect("has the mode");
            let socket = rt.udp_from_std(socket).expect("takes it");
            assert!(poll_once(socket.recv_from(&mut [0; 4])).is_pending());
        }
    }

    /// A socket that is given back to the standard library is the same one, and does not block.
    ///
    /// Intent: a program hands a connection to a thread, or to another runtime.
    ///
    /// If this fails, check that the drop of what is left closes nothing.
    async fn into_std_keeps_the_socket(rt) {
        let (mut client, server) = pair(&*rt).await;
        let addr = server.local_addr().expect("has an address");
        let mut server = rt.tcp_into_std(server).expect("gives it back");
        assert_eq!(server.local_addr().expect("has an address"), addr);
        assert_eq!(server.read(&mut [0; 4]).expect_err("is non-blocking").kind(), ErrorKind::WouldBlock);
        server.write_all(b"x").expect("writes");
        assert_eq!(client.read(&mut [0; 4]).await.expect("reads"), 1);
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let listener = rt.tcp_listener_into_std(listener).expect("gives it back");
        assert_eq!(listener.local_addr().expect("has an address"), addr);
        let socket = rt.udp_bind(any()).expect("binds");
        let clone = socket.clone();
        let std = rt.udp_into_std(socket).expect("gives it back");
        assert_eq!(std.local_addr().expect("address"), clone.local_addr().expect("address"));
        std.send_to(b"x", clone.local_addr().expect("address")).expect("sends");
        assert_eq!(clone.recv_from(&mut [0; 4]).await.expect("receives").0, 1);
    }

    /// A pipe can be registered and waited for.
    ///
    /// Intent: programs wait for children's pipes, terminals and inotify, without `unsafe`.
    ///
    /// If this fails, check `register` and `poll_io`.
    async fn registers_pipes(rt) {
        let (read, write) = rustix::pipe::pipe().expect("makes a pipe");
        let pipe = rt.register(read.try_clone().expect("duplicates")).expect("registers");
        let (mut read, mut write) = (File::from(read), File::from(write));
        let mut buf = [0; 8];
        let early = pipe.try_io(Interest::Read, || read.read(&mut buf));
        assert_eq!(early.expect_err("is empty").kind(), ErrorKind::WouldBlock);
        let handle = rt.handle();
        let writing = rt.spawn(async move {
            handle.sleep(Duration::from_millis(20)).await;
            write.write_all(b"pipe").expect("writes");
            write
        });
        let n = std::future::poll_fn(|cx| pipe.poll_io(cx, Interest::Read, || read.read(&mut buf))).await;
        assert_eq!(&buf[..n.expect("reads")], b"pipe");
        drop(writing.await.expect("joins"));
        let n = std::future::poll_fn(|cx| pipe.poll_io(cx, Interest::Read, || read.read(&mut buf))).await;
        assert_eq!(n.expect("is at its end"), 0);
        let (_read, write) = rustix::pipe::pipe().expect("makes a pipe");
        let pipe = rt.register(write).expect("registers");
        let room = rt.timeout(Duration::from_secs(10), pipe.wait_ready(Interest::Write)).await;
        room.expect("it waited for something to read").expect("has room");
    }

    /// A plain file is refused where the poller does not take it.
    ///
    /// Intent: a file is always ready, so waiting for it means nothing.
    ///
    /// If this fails, check that the error of the system passes through.
    async fn refuses_files(rt) {
        let Ok(file) = File::open("/proc/self/exe") else { return };
        let error = rt.register(file.into()).expect_err("is a plain file");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    }

    /// `try_io` and `poll_io` run the caller's own operations on a socket.
    ///
    /// Intent: `quinn-udp` and `zbus` make system calls that `anyrt-net` does not have.
    ///
    /// If this fails, check `try_io`.
    async fn try_io_on_the_descriptor(rt) {
        let (client, server) = pair(&*rt).await;
        client.wait_ready(Interest::Write).await.expect("is ready");
        assert_eq!(client.try_io(Interest::Write, || client.try_write(b"ab")).expect("writes"), 2);
        let mut buf = [0; 4];
        let n = std::future::poll_fn(|cx| server.poll_io(cx, Interest::Read, || server.try_read(&mut buf))).await;
        assert_eq!(n.expect("reads"), 2);
        let block = vec![0; 1 << 20];
        let mut client = client;
        let writing = loop {
            while client.try_write(&block).is_ok() {}
            let writing = rt.spawn(async move {
                let written = std::future::poll_fn(|cx| client.poll_io(cx, Interest::Write, || client.try_write(b"x"))).await;
                (client, written)
            });
            rt.sleep(MOMENT).await;
            if !writing.is_finished() {
                break writing;
            }
            // What the system moved to the peer has made room meanwhile.
            client = writing.await.expect("joins").0;
        };
        let reading = rt.spawn(async move {
            let (mut server, mut buf) = (server, vec![0; 1 << 20]);
            while server.read(&mut buf).await.expect("reads") > 0 {}
        });
        eventually(&*rt, "the write is woken when there is room", || writing.is_finished()).await;
        let (client, written) = writing.await.expect("joins");
        assert_eq!(written.expect("writes"), 1);
        drop(client);
        reading.await.expect("joins");
        let socket = rt.udp_bind(any()).expect("binds");
        let nothing = socket.try_io(Interest::Read, || Err::<(), _>(ErrorKind::WouldBlock.into()));
        assert_eq!(nothing.expect_err("is nothing there").kind(), ErrorKind::WouldBlock);
    }
}
