//! How many sockets a host may have open.

use std::io;

use super::{HostId, Wire};

/// "Too many open files": `EMFILE` on Unix, `WSAEMFILE` on Windows.
const TOO_MANY: i32 = if cfg!(windows) { 10_024 } else { 24 };

impl Wire {
    /// # Errors
    ///
    /// That of the system when a process has too many files open.
    pub(super) fn check_descriptor(&self, host: HostId) -> io::Result<()> {
        let host = self.host(host);
        match host.descriptors < host.descriptor_limit {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(TOO_MANY)),
        }
    }

    pub(super) fn take_descriptor(&mut self, host: HostId) {
        let host = self.host_mut(host);
        host.descriptors += 1;
        host.was_started = true;
    }

    pub(super) fn return_descriptor(&mut self, host: HostId) {
        let host = self.host_mut(host);
        host.descriptors = host.descriptors.saturating_sub(1);
    }

    pub(crate) fn descriptors(&self, host: HostId) -> usize {
        self.host(host).descriptors
    }
}
