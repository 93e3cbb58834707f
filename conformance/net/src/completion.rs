//! What a buffer means that is given away and comes back: checks of a connected pair, whoever made it.
//!
//! The rules `net::completion_*` run them on [`Completion`](anyrt_net::Completion) around the runtime's streams. Who has streams of
//! the completion shape of their own runs [`each_completion_check`](crate::each_completion_check) on them.

use std::pin::pin;

use anyrt_net::{CompletionRead, CompletionWrite};
use futures::future::join;
use futures::poll;

/// Calls a macro with the name of each check.
///
/// # Examples
///
/// ```
/// macro_rules! count {
///     ($($name:ident)*) => {
///         [$(stringify!($name)),*].len()
///     };
/// }
///
/// assert_eq!(anyrt_conformance_net::each_completion_check!(count), 7);
/// ```
#[macro_export]
macro_rules! each_completion_check {
    ($callback:ident) => {
        $callback! {
            read_gives_back write_gives_back dropped_read_loses_nothing partial_write
            dropped_write_keeps_order half_close half_close_waits_for_a_dropped_write
        }
    };
}

/// A buffer that is lent to a read comes back, with what came at its beginning and the rest as it was.
pub async fn read_gives_back<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    let buf = vec![0xAA; 8];
    let place = buf.as_ptr();
    let read = other.read_owned(buf);
    let write = one.write_all_owned(b"moin".to_vec());
    let ((read, buf), (written, _)) = join(read, write).await;
    written.expect("writes");
    assert_eq!(read.expect("reads"), 4);
    assert_eq!(buf, b"moin\xAA\xAA\xAA\xAA");
    assert_eq!(buf.as_ptr(), place, "another buffer came back");
    let (read, buf) = other.read_owned(Vec::new()).await;
    assert_eq!((read.expect("reads nothing"), buf.len()), (0, 0));
    drop(one);
    let (read, buf) = other
        .read_owned(buf.into_iter().chain([7; 3]).collect())
        .await;
    assert_eq!((read.expect("reads the end"), buf), (0, vec![7; 3]));
}

/// A buffer that is lent to a write comes back unchanged, with the number of bytes that were taken.
pub async fn write_gives_back<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    let buf = b"moin".to_vec();
    let place = buf.as_ptr();
    let (written, buf) = one.write_owned(buf).await;
    assert_eq!(written.expect("writes"), 4);
    assert_eq!(buf, b"moin");
    assert_eq!(buf.as_ptr(), place, "another buffer came back");
    assert_eq!(
        one.write_owned(Vec::new()).await.0.expect("writes nothing"),
        0
    );
    assert_eq!(read_up_to(&mut other, 4).await, b"moin");
}

/// A read that is dropped loses no bytes.
pub async fn dropped_read_loses_nothing<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    for round in 0..20_u8 {
        {
            let mut read = pin!(other.read_owned(vec![0; 3]));
            assert!(poll!(read.as_mut()).is_pending(), "nothing was written");
        }
        let message = vec![round; 10];
        let (written, _) = one.write_all_owned(message.clone()).await;
        written.expect("writes");
        assert_eq!(read_up_to(&mut other, 10).await, message);
    }
}

/// A write may take a part of the buffer; what follows is written after it, and all of it arrives in order.
pub async fn partial_write<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    const SIZE: usize = 8 << 20;
    let message: Vec<u8> = (0..SIZE).map(|i| (i % 251) as u8).collect();
    let expected = message.clone();
    let writing = async {
        let (written, back) = one.write_all_owned(message).await;
        written.expect("writes");
        one.half_close().await.expect("closes");
        back
    };
    let (back, came) = join(writing, read_up_to(&mut other, SIZE)).await;
    assert!(back == expected, "the buffer came back changed");
    assert!(came == expected, "bytes were lost, doubled or mixed up");
    assert_eq!(
        read_up_to(&mut other, 1).await,
        b"",
        "the end comes after it"
    );
}

/// What is written after a dropped write comes after what was written of that one.
pub async fn dropped_write_keeps_order<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    // Until the system has no more room.
    for round in 0.. {
        assert!(round < 64, "64 MiB that nobody reads were taken");
        let mut write = pin!(one.write_owned(vec![b'a'; 1 << 20]));
        let mut idle = 0;
        while idle < 100 && poll!(write.as_mut()).is_pending() {
            idle += 1;
            anyrt_core::yield_now().await;
        }
        if idle == 100 {
            break;
        }
    }
    let writing = async {
        let (written, _) = one.write_all_owned(b"end".to_vec()).await;
        written.expect("writes");
        one.half_close().await.expect("closes");
    };
    let ((), came) = join(writing, read_up_to(&mut other, usize::MAX)).await;
    let (before, end) = came.split_at(came.len() - 3);
    assert_eq!(end, b"end");
    assert!(!before.is_empty() && before.iter().all(|&byte| byte == b'a'));
}

/// A half-close ends the peer's reads and not its writes.
pub async fn half_close<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    one.write_all_owned(b"question".to_vec())
        .await
        .0
        .expect("writes");
    one.half_close().await.expect("closes");
    one.half_close().await.expect("closes again");
    assert_eq!(read_up_to(&mut other, usize::MAX).await, b"question");
    other
        .write_all_owned(b"answer".to_vec())
        .await
        .0
        .expect("writes");
    other.half_close().await.expect("closes");
    assert_eq!(read_up_to(&mut one, usize::MAX).await, b"answer");
}

/// A half-close comes after what a dropped write was given.
pub async fn half_close_waits_for_a_dropped_write<A, B>(mut one: A, mut other: B)
where
    A: CompletionRead + CompletionWrite,
    B: CompletionRead + CompletionWrite,
{
    // There is room: it is taken at the first poll, or is under way.
    let _ = poll!(pin!(one.write_owned(b"moin".to_vec())));
    one.half_close().await.expect("closes");
    assert_eq!(read_up_to(&mut other, usize::MAX).await, b"moin");
}

/// Reads until `size` bytes came, or the end.
async fn read_up_to<S: CompletionRead>(stream: &mut S, size: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = vec![0; 64 << 10];
    while all.len() < size {
        buf.resize((size - all.len()).min(64 << 10), 0);
        let (read, back) = stream.read_owned(buf).await;
        buf = back;
        match read.expect("reads") {
            0 => break,
            count => all.extend_from_slice(&buf[..count]),
        }
    }
    all
}
