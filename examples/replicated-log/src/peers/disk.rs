use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyrt_core::Timer;
use anyrt_sim::Rng;

use crate::log::Storage;

/// A disk in memory, for simulations that have none: a loss of power tears off what was not synced.
#[derive(Clone, Debug)]
pub(super) struct RamDisk<R> {
    rt: R,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    files: BTreeMap<&'static str, File>,
    rng: Rng,
    slowest_sync: Duration,
}

#[derive(Debug, Default)]
struct File {
    bytes: Vec<u8>,
    synced: usize,
}

impl<R> RamDisk<R> {
    pub(super) fn new(rt: R, seed: u64, slowest_sync: Duration) -> Self {
        let inner = Inner {
            files: BTreeMap::new(),
            rng: Rng::seeded(seed),
            slowest_sync,
        };
        let inner = Arc::new(Mutex::new(inner));
        Self { rt, inner }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lose_power(&self) {
        let inner = &mut *self.lock();
        for file in inner.files.values_mut() {
            let unsynced = (file.bytes.len() - file.synced) as u64;
            let kept = match inner.rng.below(3) {
                0 => unsynced,
                1 => 0,
                _ => inner.rng.below(unsynced + 1),
            };
            file.bytes.truncate(file.synced + kept as usize);
            file.synced = file.bytes.len();
        }
    }
}

impl<R: Timer<Sleep: Send> + Clone + Send + Sync + 'static> Storage for RamDisk<R> {
    async fn read(&self, file: &'static str) -> io::Result<Vec<u8>> {
        let inner = self.lock();
        Ok(inner
            .files
            .get(file)
            .map_or_else(Vec::new, |file| file.bytes.clone()))
    }

    async fn append(&self, file: &'static str, bytes: Vec<u8>) -> io::Result<()> {
        self.lock()
            .files
            .entry(file)
            .or_default()
            .bytes
            .extend(bytes);
        Ok(())
    }

    async fn sync(&self, file: &'static str) -> io::Result<()> {
        let takes = {
            let inner = &mut *self.lock();
            inner.rng.duration(inner.slowest_sync)
        };
        self.rt.sleep(takes).await;
        let mut inner = self.lock();
        let file = inner.files.entry(file).or_default();
        file.synced = file.bytes.len();
        Ok(())
    }

    async fn truncate(&self, file: &'static str, length: usize) -> io::Result<()> {
        let mut inner = self.lock();
        let file = inner.files.entry(file).or_default();
        file.bytes.truncate(length);
        file.synced = file.synced.min(length);
        Ok(())
    }
}
