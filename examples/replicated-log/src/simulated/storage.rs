use std::io::{self, ErrorKind};
use std::time::Duration;

use anyrt_core::Timer;
use anyrt_sim::Sim;
use anyrt_sim::net::{Disk, Host};

use crate::log::Storage;

/// The disk of a simulated host. A sync takes its time, as on a real one.
#[derive(Clone, Debug)]
pub(super) struct SimDisk {
    rt: Sim,
    disk: Disk,
    slowest: Duration,
}

impl SimDisk {
    pub(super) fn new(host: &Host, slowest: Duration) -> Self {
        Self {
            rt: host.handle(),
            disk: host.disk(),
            slowest,
        }
    }
}

impl Storage for SimDisk {
    async fn read(&self, file: &'static str) -> io::Result<Vec<u8>> {
        match self.disk.read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    async fn append(&self, file: &'static str, bytes: Vec<u8>) -> io::Result<()> {
        self.disk.append(file, &bytes)
    }

    async fn sync(&self, file: &'static str) -> io::Result<()> {
        let takes = self.rt.rng().duration(self.slowest);
        self.rt.sleep(takes).await;
        self.disk.sync(file)
    }

    async fn truncate(&self, file: &'static str, length: usize) -> io::Result<()> {
        self.disk.truncate(file, length)
    }
}
