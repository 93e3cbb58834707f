use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyrt_net::prelude::*;

use crate::log::{Client, Watch};

/// What one client does: it writes and reads in turns, until it is told that it is enough, and then a few times more.
#[derive(Debug)]
pub struct Workload {
    /// The number of the client, from 1 on.
    pub client: u64,
    /// How many of 16 answers it asks for are those of reads, on average.
    pub reads: u64,
    /// How long it waits after each answer, at most.
    pub pause: Duration,
    /// Decides how long it waits, and whether it writes or reads.
    pub seed: u64,
    /// Set when it is enough.
    pub is_enough: Arc<AtomicBool>,
    /// How many answers it gets after that.
    pub rest: usize,
}

impl Workload {
    /// Does it.
    pub async fn run<R: NetRuntime>(self, rt: R, mut client: Client<R>, watch: &Watch) {
        let mut random = self.seed | 1;
        let (mut written, mut rest) = (0, self.rest);
        while !self.is_enough.load(Ordering::Relaxed) || rest > 0 {
            if self.is_enough.load(Ordering::Relaxed) {
                rest -= 1;
            }
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if random % 16 >= self.reads {
                written += 1;
                // Every value is another.
                let value = self.client * 1_000_000 + written;
                client.write(value).await;
                watch.acknowledged(value);
            } else {
                let floor = watch.read_begins();
                let (length, last) = client.read().await;
                watch.read_ends(floor, length, last);
            }
            let pause = (random >> 8) % (self.pause.as_nanos() as u64).max(1);
            rt.sleep(Duration::from_nanos(pause)).await;
        }
    }
}
