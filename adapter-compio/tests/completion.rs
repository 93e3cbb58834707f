//! The checks of the completion shape on compio's own streams, over both drivers.

use std::future::Future;
use std::net::SocketAddr;

use anyrt_compio::net::{CompletionStream, TcpStream};
use anyrt_compio::{Driver, Local, LocalHandle};
use anyrt_conformance_net::{completion, each_completion_check};
use anyrt_core::prelude::*;
use anyrt_net::{CompletionRead, CompletionWrite, Listener, Stream, Tcp, Unix};
use compio_driver::{DriverType, ProactorBuilder};
use compio_runtime::RuntimeBuilder;

/// Runs `work` on each driver that this system has.
fn on_each_driver<F: Future<Output = ()>>(work: impl Fn(LocalHandle) -> F) {
    let mut proactors = [ProactorBuilder::new(), ProactorBuilder::new()];
    proactors[1].driver_type(DriverType::Poll);
    for proactor in proactors {
        let runtime = RuntimeBuilder::new().with_proactor(proactor).build();
        let rt = Local::with_driver(Driver::new(runtime.expect("a driver starts")));
        let handle = rt.handle();
        let limit = handle.timeout(std::time::Duration::from_secs(60), work(handle.clone()));
        rt.block_on(limit).expect("it ends");
    }
}

async fn pair(rt: &LocalHandle) -> (TcpStream, TcpStream) {
    let listener = rt
        .tcp_listen(SocketAddr::from(([127, 0, 0, 1], 0)))
        .expect("listens");
    let addr = listener.local_addr().expect("has an address");
    let client = rt.tcp_connect(addr).await.expect("connects");
    (client, listener.accept().await.expect("accepts").0)
}

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            on_each_driver(|rt| async move {
                let (one, other) = pair(&rt).await;
                let (one, other) = (CompletionStream::new(one), CompletionStream::new(other));
                completion::$name(one.expect("it runs"), other.expect("it runs")).await;
            });
        }
    )*};
}

each_completion_check!(tests);

#[test]
fn halves_work_in_two_tasks() {
    on_each_driver(|rt| async move {
        let (one, other) = rt.unix_pair().expect("a pair");
        let one = CompletionStream::new(one).expect("it runs");
        let (mut reader, mut writer) = one.into_split();
        let mut other = CompletionStream::new(other).expect("it runs");
        let reading = rt.spawn_local(async move {
            let (read, buf) = reader.read_owned(vec![0; 8]).await;
            (buf[..read.expect("reads")].to_vec(), reader)
        });
        rt.sleep(std::time::Duration::from_millis(1)).await;
        writer
            .write_all_owned(b"question".to_vec())
            .await
            .0
            .expect("writes");
        let (read, buf) = other.read_owned(vec![0; 8]).await;
        assert_eq!(&buf[..read.expect("reads")], b"question");
        other
            .write_all_owned(b"answer".to_vec())
            .await
            .0
            .expect("writes");
        // The half that is left keeps the connection open.
        let (answer, _reader) = reading.await.expect("joins");
        assert_eq!(answer, b"answer");
        drop(writer);
        assert_eq!(other.read_owned(buf).await.0.expect("reads the end"), 0);
    });
}

#[test]
fn a_socket_whose_runtime_is_gone_fails() {
    let rt = Local::launch(anyrt_core::Config::new()).expect("launches");
    let handle = rt.handle();
    let (one, other) = rt.block_on(pair(&handle));
    let mut completion = CompletionStream::new(other).expect("it runs");
    drop(rt);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let read = completion.poll_read_owned(&mut cx, &mut vec![0; 8]);
    assert!(matches!(read, std::task::Poll::Ready(Err(_))), "{read:?}");
    let ready = anyrt_net::Ready::poll_ready(&one, &mut cx, anyrt_net::Interest::Read);
    assert!(matches!(ready, std::task::Poll::Ready(Err(_))), "{ready:?}");
    assert!(one.peer_addr().is_ok(), "what waits for nothing works");
    assert!(CompletionStream::new(one).is_err());
}
