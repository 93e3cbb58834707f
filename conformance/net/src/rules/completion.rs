//! Buffers that are given away and come back.

use anyrt_net::{Completion, Stream};

use crate::completion;
use crate::kit::pair;
use crate::rule::rules;

rules! { Any + Net;
    /// A buffer that is lent to a read comes back, with what came at its beginning and the rest as it was.
    ///
    /// Intent: one buffer goes to and fro for as long as the connection; a copy for each read would cost what the shape is to save.
    ///
    /// If this fails, check that `poll_read_owned` gives the same buffer back, as long as before.
    async fn completion_read_gives_back(rt) {
        let (one, other) = pair(&*rt).await;
        completion::read_gives_back(Completion::new(one), Completion::new(other)).await;
    }

    /// A buffer that is lent to a write comes back unchanged, with the number of bytes that were taken.
    ///
    /// Intent: who writes the same header again and again keeps it in one buffer.
    ///
    /// If this fails, check that `poll_write_owned` gives the same buffer back and reports what the system took.
    async fn completion_write_gives_back(rt) {
        let (one, other) = pair(&*rt).await;
        completion::write_gives_back(Completion::new(one), Completion::new(other)).await;
    }

    /// A read with a buffer of its own that is dropped loses no bytes.
    ///
    /// Intent: a read beside a timeout must not cost the message that came too late for it.
    ///
    /// If this fails, check that the operation stays in the stream when its future is dropped, and that the next read takes it over.
    async fn completion_dropped_read_loses_nothing(rt) {
        let (one, other) = pair(&*rt).await;
        completion::dropped_read_loses_nothing(Completion::new(one), Completion::new(other)).await;
    }

    /// A write of a buffer may take a part; what follows is written after it, and all of it arrives in order.
    ///
    /// Intent: a buffer larger than what the system has room for must arrive whole.
    ///
    /// If this fails, check that `poll_write_owned` begins at `from`, and reports the bytes that the system took.
    async fn completion_partial_write(rt) {
        let (one, other) = pair(&*rt).await;
        completion::partial_write(Completion::new(one), Completion::new(other)).await;
    }

    /// What is written after a dropped write of a buffer comes after what was written of that one.
    ///
    /// Intent: a write that was given up must not appear in the midst of the next message.
    ///
    /// If this fails, check that no write begins before the last one has completed.
    async fn completion_dropped_write_keeps_order(rt) {
        let (one, other) = pair(&*rt).await;
        completion::dropped_write_keeps_order(Completion::new(one), Completion::new(other)).await;
    }

    /// A half-close of a stream with buffers of its own ends the peer's reads and not its writes.
    ///
    /// Intent: a request that ends with its half-close must get its answer.
    ///
    /// If this fails, check that `poll_half_close` shuts the write side down after what is under way.
    async fn completion_half_close(rt) {
        let (one, other) = pair(&*rt).await;
        let one = Completion::new(one);
        let addr = one.get_ref().local_addr().expect("has an address");
        let one = one.into_inner();
        assert_eq!(one.local_addr().expect("has an address"), addr);
        completion::half_close(Completion::new(one), Completion::new(other)).await;
    }

    /// A half-close of a stream with buffers of its own comes after what a dropped write was given.
    ///
    /// Intent: a caller that stops waiting for its last write, and ends the request, must not cut it off.
    ///
    /// If this fails, check that `poll_half_close` waits for the buffer that is lent.
    async fn completion_half_close_comes_last(rt) {
        let (one, other) = pair(&*rt).await;
        completion::half_close_waits_for_a_dropped_write(Completion::new(one), Completion::new(other)).await;
    }
}
