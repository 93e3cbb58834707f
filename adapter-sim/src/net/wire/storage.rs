//! What the hosts keep on their disks: files, as they are and as they would be after a loss of power.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use super::{HostId, Wire};
use crate::rng::Rng;
use crate::schedule::choices::Kind;

#[derive(Debug)]
pub(super) struct Storage {
    files: BTreeMap<Arc<str>, File>,
    capacity: usize,
    /// How likely an operation fails.
    failure: f64,
}

#[derive(Debug, Default)]
struct File {
    now: Vec<u8>,
    /// What a loss of power cannot take.
    safe: Vec<u8>,
    /// What was written since.
    unsynced: Vec<(usize, Vec<u8>)>,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            files: BTreeMap::new(),
            capacity: usize::MAX,
            failure: 0.0,
        }
    }
}

impl File {
    /// Loses some of what was not synced: each write is kept, or lost, or torn at some byte.
    fn lose_power(&mut self, rng: &mut Rng) {
        for (offset, bytes) in self.unsynced.drain(..) {
            let kept = match rng.below(3) {
                0 => bytes.len(),
                1 => 0,
                _ => rng.below(bytes.len() as u64 + 1) as usize,
            };
            put(&mut self.safe, offset, &bytes[..kept]);
        }
        self.now.clone_from(&self.safe);
    }
}

/// Writes into a file, which a gap fills with zeros.
fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

impl Wire {
    /// # Errors
    ///
    /// When the host is down, or the disk fails by chance.
    fn disk(&mut self, host: HostId) -> io::Result<&mut Storage> {
        self.check_up(host)?;
        let failure = self.host(host).disk.failure;
        let fails = failure > 0.0 && self.disk_rng.chance(failure);
        if failure > 0.0 && self.choices.keeps(Kind::Network, fails, self.now) {
            return Err(io::Error::other("the simulated disk failed"));
        }
        Ok(&mut self.host_mut(host).disk)
    }

    /// Writes at an offset, or at the end.
    pub(crate) fn disk_write(
        &mut self,
        host: HostId,
        name: &str,
        offset: Option<usize>,
        bytes: &[u8],
    ) -> io::Result<()> {
        let disk = self.disk(host)?;
        let used: usize = disk.files.values().map(|file| file.now.len()).sum();
        let length = disk.files.get(name).map_or(0, |file| file.now.len());
        let offset = offset.unwrap_or(length);
        let grows = (offset + bytes.len()).saturating_sub(length);
        if used.saturating_add(grows) > disk.capacity {
            return Err(ErrorKind::StorageFull.into());
        }
        let file = disk.files.entry(Arc::from(name)).or_default();
        put(&mut file.now, offset, bytes);
        file.unsynced.push((offset, bytes.to_vec()));
        Ok(())
    }

    pub(crate) fn disk_sync(&mut self, host: HostId, name: &str) -> io::Result<()> {
        let disk = self.disk(host)?;
        let file = disk.files.get_mut(name).ok_or(ErrorKind::NotFound)?;
        file.unsynced.clear();
        file.safe.clone_from(&file.now);
        Ok(())
    }

    pub(crate) fn disk_read(&mut self, host: HostId, name: &str) -> io::Result<Vec<u8>> {
        let disk = self.disk(host)?;
        let file = disk.files.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(file.now.clone())
    }

    pub(crate) fn disk_truncate(
        &mut self,
        host: HostId,
        name: &str,
        length: usize,
    ) -> io::Result<()> {
        let disk = self.disk(host)?;
        let file = disk.files.get_mut(name).ok_or(ErrorKind::NotFound)?;
        file.now.truncate(length);
        file.safe.truncate(length);
        for (offset, bytes) in &mut file.unsynced {
            bytes.truncate(length.saturating_sub(*offset));
        }
        Ok(())
    }

    pub(crate) fn disk_remove(&mut self, host: HostId, name: &str) -> io::Result<()> {
        let removed = self.disk(host)?.files.remove(name);
        removed.map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    pub(crate) fn disk_files(&self, host: HostId) -> Vec<Arc<str>> {
        self.host(host).disk.files.keys().cloned().collect()
    }

    pub(crate) fn set_disk(&mut self, host: HostId, capacity: Option<usize>, failure: Option<f64>) {
        let disk = &mut self.host_mut(host).disk;
        disk.capacity = capacity.unwrap_or(disk.capacity);
        disk.failure = failure.unwrap_or(disk.failure);
    }

    pub(super) fn lose_unsynced(&mut self, host: HostId) {
        let disk = &mut self.hosts[host.0 as usize].disk;
        for file in disk.files.values_mut() {
            file.lose_power(&mut self.disk_rng);
        }
    }
}
