use std::hint::black_box;

use anyrt_core::yield_now;

/// A future of half a MiB, whose output is the sum of its bytes.
pub(crate) async fn big() -> usize {
    let bytes = [1_u8; 1 << 19];
    yield_now().await;
    black_box(&bytes)
        .iter()
        .map(|&byte| usize::from(byte))
        .sum()
}

/// A future of two words that yields once.
pub(crate) async fn small() {
    let words = [1_usize, 2];
    yield_now().await;
    black_box(words);
}
