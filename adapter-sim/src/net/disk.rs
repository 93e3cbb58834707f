use std::fmt;
use std::io;
use std::sync::Arc;

use super::Host;

/// What a simulated host keeps when its process is killed, and for the most part when it loses its power.
///
/// Made by [`Host::disk`]. It is a table of named files that are written, synced and read, for what a node writes down: a log, a vote,
/// a snapshot. It is no file system: there are no folders, no handles and no permissions, an operation takes no time, and
/// nothing of `std::fs` reaches it. Give the code under test a small trait of its own, and implement that for a `Disk` here and for
/// files elsewhere.
///
/// A [kill](Host::kill) loses nothing. A [crash](Host::crash) spares what was [synced](Self::sync). Of the writes after it, the
/// seed decides for each by itself whether it is kept, lost, or torn at some byte, as disks reorder and tear what they are
/// given. To remove a file or to cut it takes effect at once and for good.
///
/// # Errors
///
/// Every operation fails while the host is down, and with [`set_failure`](Self::set_failure) by chance.
///
/// # Examples
///
/// ```
/// use anyrt_sim::Check;
///
/// // A node that acknowledges before it syncs loses what it acknowledged, under some seed.
/// let failure = Check::new().find_failure(|sim| async move {
///     let node = sim.host("node");
///     let disk = node.disk();
///     disk.append("log", b"one ").unwrap();
///     disk.sync("log").unwrap();
///     disk.append("log", b"two").unwrap();
///     node.crash();
///     node.restart(|_| async {}).await.unwrap();
///     let kept = disk.read("log").unwrap();
///     assert!(kept.starts_with(b"one "));
///     assert_eq!(kept, b"one two", "was acknowledged, and is gone");
/// });
/// assert!(failure.unwrap().message().contains("was acknowledged, and is gone"));
/// ```
#[derive(Clone)]
pub struct Disk {
    host: Host,
}

impl Host {
    /// What this host keeps when its process ends.
    pub fn disk(&self) -> Disk {
        Disk { host: self.clone() }
    }
}

impl Disk {
    fn with<T>(&self, work: impl FnOnce(&mut super::Wire) -> T) -> T {
        self.host.with_wire(work)
    }

    /// Writes behind all that the file has. A file that does not exist is made.
    ///
    /// # Errors
    ///
    /// `StorageFull` beyond the [capacity](Self::set_capacity).
    pub fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.with(|wire| wire.disk_write(self.host.id(), file, None, bytes))
    }

    /// Writes at an offset. A file that does not exist is made, and a gap is filled with zeros.
    ///
    /// # Errors
    ///
    /// `StorageFull` beyond the [capacity](Self::set_capacity).
    pub fn write(&self, file: &str, offset: usize, bytes: &[u8]) -> io::Result<()> {
        self.with(|wire| wire.disk_write(self.host.id(), file, Some(offset), bytes))
    }

    /// Makes what was written to a file survive a loss of power.
    ///
    /// # Errors
    ///
    /// `NotFound` for a file that does not exist.
    pub fn sync(&self, file: &str) -> io::Result<()> {
        self.with(|wire| wire.disk_sync(self.host.id(), file))
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// `NotFound` for a file that does not exist.
    pub fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        self.with(|wire| wire.disk_read(self.host.id(), file))
    }

    /// Cuts a file to a length.
    ///
    /// # Errors
    ///
    /// `NotFound` for a file that does not exist.
    pub fn truncate(&self, file: &str, length: usize) -> io::Result<()> {
        self.with(|wire| wire.disk_truncate(self.host.id(), file, length))
    }

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// `NotFound` for a file that does not exist.
    pub fn remove(&self, file: &str) -> io::Result<()> {
        self.with(|wire| wire.disk_remove(self.host.id(), file))
    }

    /// The names of the files, in order.
    pub fn files(&self) -> Vec<Arc<str>> {
        self.with(|wire| wire.disk_files(self.host.id()))
    }

    /// Sets how many bytes fit. Unset: as many as there are.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::Launch;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let disk = rt.handle().host("node").disk();
    /// disk.set_capacity(4);
    /// disk.append("log", b"1234")?;
    /// let full = disk.append("log", b"5").unwrap_err();
    /// assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    /// disk.write("log", 0, b"4321")?; // needs no more room
    /// # std::io::Result::Ok(())
    /// ```
    pub fn set_capacity(&self, bytes: usize) {
        self.with(|wire| wire.set_disk(self.host.id(), Some(bytes), None));
    }

    /// Sets how likely an operation fails, and has then no effect. Unset: 0.
    pub fn set_failure(&self, p: f64) {
        self.with(|wire| wire.set_disk(self.host.id(), None, Some(p)));
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk")
            .field("host", &self.host.name())
            .finish_non_exhaustive()
    }
}
