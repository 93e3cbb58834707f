//! Streams of every runtime with tokio's traits.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use anyrt_net::prelude::*;
use anyrt_tokio_io::{FromTokio, ToTokio};
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};

/// Two ends of one connection.
async fn pair<R: Tcp>(rt: &R) -> (R::TcpStream, R::TcpStream) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let connect = rt.tcp_connect(listener.local_addr().unwrap());
    let (accepted, _) = listener.accept().await.unwrap();
    (connect.await.unwrap(), accepted)
}

async fn a_million_bytes_come_back<R: NetRuntime>(rt: R) {
    let (near, far) = pair(&rt).await;
    let echo = rt.spawn(async move {
        let (mut reader, mut writer) = tokio::io::split(ToTokio::new(far));
        let copied = tokio::io::copy(&mut reader, &mut writer).await.unwrap();
        writer.shutdown().await.unwrap();
        copied
    });
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut reader, mut writer) = tokio::io::split(ToTokio::new(near));
    let expected = sent.clone();
    let writing = rt.spawn(async move {
        writer.write_all(&sent).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    // Half of it into initialised memory, the rest into room that nobody has initialised.
    let mut head = vec![0; 500_000];
    reader.read_exact(&mut head).await.unwrap();
    let mut tail = Vec::new();
    reader.read_to_end(&mut tail).await.unwrap();
    writing.await.unwrap();
    assert_eq!(echo.await.unwrap(), 1_000_000);
    assert!([head, tail].concat() == expected);
}

async fn shutdown_is_a_half_close<R: NetRuntime>(rt: R) {
    let (near, mut far) = pair(&rt).await;
    let mut near = ToTokio::new(near);
    near.write_all(b"all").await.unwrap();
    near.shutdown().await.unwrap();
    let mut said = String::new();
    far.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "all");
    // The other direction is open.
    far.write_all(b"thanks").await.unwrap();
    far.close().await.unwrap();
    let mut said = String::new();
    near.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "thanks");
    assert!(near.write_all(b"more").await.is_err());
}

async fn one_call_writes_many_slices<R: NetRuntime>(rt: R) {
    let (near, mut far) = pair(&rt).await;
    let mut near = ToTokio::new(near);
    let slices = [
        IoSlice::new(b"one "),
        IoSlice::new(b""),
        IoSlice::new(b"two "),
        IoSlice::new(b"three"),
    ];
    assert!(tokio::io::AsyncWrite::is_write_vectored(&near));
    assert_eq!(near.write_vectored(&slices).await.unwrap(), 13);
    drop(near);
    let mut said = String::new();
    far.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "one two three");
}

async fn a_wrapper_of_a_wrapper_is_the_stream<R: NetRuntime>(rt: R) {
    let (near, far) = pair(&rt).await;
    let mut near = FromTokio::new(ToTokio::new(near));
    let mut far = FromTokio::new(ToTokio::new(far));
    near.write_all(b"moin").await.unwrap();
    near.close().await.unwrap();
    let mut said = String::new();
    far.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "moin");
    assert_eq!(
        near.into_inner().into_inner().peer_addr().ok(),
        far.get_ref().get_ref().local_addr().ok()
    );
}

anyrt_bridge_testing::on_each_runtime!(
    a_million_bytes_come_back,
    shutdown_is_a_half_close,
    one_call_writes_many_slices,
    a_wrapper_of_a_wrapper_is_the_stream,
);

/// Notes how much room each read had.
struct Rooms(Arc<Mutex<Vec<usize>>>);

impl AsyncRead for Rooms {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap().push(buf.len());
        buf[..2].copy_from_slice(b"ab");
        Poll::Ready(Ok(2))
    }
}

/// A wrapper that zeroed the room of its caller would initialise all of it.
#[test]
fn room_that_is_not_initialised_stays_so() {
    let rooms = Arc::default();
    let mut stream = ToTokio::new(Rooms(Arc::clone(&rooms)));
    let mut cx = Context::from_waker(Waker::noop());
    let mut memory = [std::mem::MaybeUninit::uninit(); 1000];
    let mut buf = ReadBuf::uninit(&mut memory);
    for filled in [2, 4] {
        let read = tokio::io::AsyncRead::poll_read(Pin::new(&mut stream), &mut cx, &mut buf);
        assert!(matches!(read, Poll::Ready(Ok(()))));
        assert_eq!(buf.filled().len(), filled);
        assert_eq!(buf.initialized().len(), filled);
    }
    assert_eq!(buf.filled(), b"abab");
    assert_eq!(*rooms.lock().unwrap(), [1000, 998]);
    // What is initialised is read into at once.
    buf.initialize_unfilled_to(10);
    let read = tokio::io::AsyncRead::poll_read(Pin::new(&mut stream), &mut cx, &mut buf);
    assert!(matches!(read, Poll::Ready(Ok(()))));
    assert_eq!(rooms.lock().unwrap().last(), Some(&10));
}

#[test]
fn lines_are_read_through_both_wrappers() {
    use futures::io::AsyncBufReadExt as _;
    futures::executor::block_on(async {
        let text = &b"one\ntwo\n"[..];
        let mut reader = FromTokio::new(ToTokio::new(futures::io::BufReader::new(text)));
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        assert_eq!(line, "one\n");
        let mut rest = ToTokio::new(reader);
        let mut line = String::new();
        tokio::io::AsyncBufReadExt::read_line(&mut rest, &mut line)
            .await
            .unwrap();
        assert_eq!(line, "two\n");
        poll_fn(|cx| tokio::io::AsyncBufRead::poll_fill_buf(Pin::new(&mut rest), cx).map_ok(drop))
            .await
            .unwrap();
    });
}

anyrt_bridge_testing::on_simulation!(
    a_million_bytes_come_back,
    shutdown_is_a_half_close,
    one_call_writes_many_slices,
    a_wrapper_of_a_wrapper_is_the_stream,
);
