//! The sizes that users see: handles, sleeps, timeouts and errors.

use std::future::Ready;

use anyrt_async_std::AsyncStd;
use anyrt_core::{
    AnyRuntime, JoinError, JoinHandle, Runtime, Spawn, SpawnBlocking, SpawnLocal, Timeout, Timer,
};
use anyrt_smol::Smol;
use anyrt_tokio::Tokio;

const WORD: usize = size_of::<usize>();

type Handle<R> = JoinHandle<<R as Spawn>::Task<u64>>;
type BlockingHandle<R> = JoinHandle<<R as SpawnBlocking>::BlockingTask<u64>>;
type Sleep<R> = <R as Timer>::Sleep;

#[test]
fn a_handle_is_the_native_one_or_two_words_and_an_erased_one_three() {
    assert_eq!(
        size_of::<Handle<Tokio>>(),
        size_of::<tokio::task::JoinHandle<u64>>()
    );
    assert_eq!(size_of::<Handle<Tokio>>(), WORD);
    assert_eq!(size_of::<Handle<Smol>>(), 2 * WORD);
    // The third word is the function that takes the output out of its box, made where that output is known to be `'static`.
    assert_eq!(size_of::<Handle<AnyRuntime>>(), 3 * WORD);
    assert_eq!(size_of::<BlockingHandle<Tokio>>(), WORD);
    assert_eq!(size_of::<BlockingHandle<Smol>>(), 2 * WORD);
}

#[test]
fn a_sleep_is_the_native_one_and_one_to_three_words() {
    // One word for the state, and one for who waits without a deadline.
    assert_eq!(
        size_of::<Sleep<Tokio>>(),
        size_of::<tokio::time::Sleep>() + 2 * WORD
    );
    // The deadline is two words, which the native one keeps but tells to nobody. `Instant` has one niche, which stands for
    // "never". The third word is the flag of a sleep that gives way: it must outlive the poll, and nothing else has a bit left.
    assert_eq!(
        size_of::<Sleep<Smol>>(),
        size_of::<smol::Timer>() + 3 * WORD
    );
    assert_eq!(size_of::<Sleep<AsyncStd>>(), size_of::<Sleep<Smol>>());
    assert_eq!(size_of::<Sleep<AnyRuntime>>(), 2 * WORD);
}

#[test]
fn a_local_handle_is_three_words_and_a_queued_sleep_holds_its_deadline_and_its_waiter() {
    type Handle<R> = JoinHandle<<R as SpawnLocal>::LocalTask<u64>>;
    // async-task's own handle, the way to the executor, and the function that shares it.
    assert_eq!(size_of::<Handle<anyrt_smol::LocalHandle>>(), 3 * WORD);
    assert_eq!(size_of::<Handle<anyrt_compio::LocalHandle>>(), 3 * WORD);
    // The way to the runtime, the deadline, the ticket in the queue, the waiter and two flags.
    assert_eq!(size_of::<Sleep<anyrt_compio::LocalHandle>>(), 7 * WORD);
}

#[test]
fn a_timeout_is_future_and_sleep_and_at_most_three_words() {
    fn check<R: Runtime>() {
        let excess = size_of::<Timeout<Ready<u64>, R>>() - size_of::<Ready<u64>>();
        assert!(
            excess <= size_of::<Sleep<R>>().max(4 * WORD) + 3 * WORD,
            "{excess}"
        );
    }
    check::<Tokio>();
    check::<anyrt_tokio::Ambient>();
    check::<Smol>();
    check::<AsyncStd>();
    check::<AnyRuntime>();
}

#[test]
fn an_error_is_four_words() {
    // A box of two words, and the lock that makes it `Sync` whatever the payload is.
    assert_eq!(size_of::<JoinError>(), 4 * WORD);
    assert_eq!(size_of::<Result<u64, JoinError>>(), 4 * WORD);
}
