use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyrt_net::{NetRuntime, OsNet, Unix};
use zbus::runtime::{IoSource, traits};

use crate::{Source, ZbusTask};

/// A listener with a full backlog is asked again after so long.
const RETRY: Duration = Duration::from_millis(5);

/// zbus' runtime on any of ours: pass it to `zbus::connection::Builder::runtime`.
///
/// # Cost
///
/// A second descriptor per connection. Tasks and sleeps are the runtime's own; zbus boxes them.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_zbus::Zbus;
/// use zbus::connection::Builder;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let nowhere = Builder::address("unix:path=/nowhere/at/all").runtime(Zbus::new(owner.handle()));
/// assert!(owner.block_on(nowhere.build()).is_err());
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Zbus<R> {
    runtime: R,
}

impl<R> Zbus<R>
where
    R: NetRuntime
        + OsNet<Registered: Send + Sync + 'static>
        + Unix<UnixStream: AsFd + Send, UnixConnect: Send>,
{
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }

    async fn connect_to_file(&self, path: &Path) -> io::Result<IoSource> {
        loop {
            match self.runtime.unix_connect(path).await {
                // The stream stops being waited for when it is dropped; its duplicate stays connected.
                Ok(stream) => return Ok(stream.as_fd().try_clone_to_owned()?.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.runtime.sleep(RETRY).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R> traits::Runtime for Zbus<R>
where
    R: NetRuntime
        + OsNet<Registered: Send + Sync + 'static>
        + Unix<UnixStream: AsFd + Send, UnixConnect: Send>,
{
    type RegisteredIoSource = Source<R::Registered>;
    type Sleep = R::Sleep;
    type Task<T>
        = ZbusTask<R, T>
    where
        T: Send + 'static;

    fn register_io_source(&self, source: IoSource) -> io::Result<Self::RegisteredIoSource> {
        let duplicate = source.as_fd().try_clone_to_owned()?;
        Ok(Source::new(self.runtime.register(duplicate)?, source))
    }

    #[track_caller]
    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.runtime.sleep(duration)
    }

    #[track_caller]
    fn spawn<T>(
        &self,
        name: &str,
        future: impl Future<Output = T> + Send + 'static,
    ) -> ZbusTask<R, T>
    where
        T: Send + 'static,
    {
        ZbusTask::new(self.runtime.spawn_named(name, future).abort_on_drop())
    }

    async fn connect_tcp(&self, address: SocketAddr) -> io::Result<IoSource> {
        let stream = self.runtime.tcp_connect(address).await?;
        let stream = self.runtime.tcp_into_std(stream)?;
        Ok(OwnedFd::from(stream).into())
    }

    async fn connect_unix(&self, path: &Path) -> io::Result<IoSource> {
        match abstract_name::of(path) {
            // A connect to a name of the kernel's does not wait but for the listener's backlog.
            Some(name) => {
                let name = name.to_owned();
                let connect = move || abstract_name::connect(&name);
                traits::Runtime::spawn_blocking(self, connect).await
            }
            None => self.connect_to_file(path).await,
        }
    }

    fn spawn_process(
        &self,
        mut command: Command,
        stdin: Stdio,
        stdout: Stdio,
        stderr: Stdio,
    ) -> io::Result<Pin<Box<dyn Future<Output = io::Result<ExitStatus>> + Send + 'static>>> {
        let child = command.stdin(stdin).stdout(stdout).stderr(stderr).spawn();
        // It holds copies of the streams.
        drop(command);
        let mut child = child?;
        Ok(traits::Runtime::spawn_blocking(self, move || child.wait()))
    }

    #[track_caller]
    fn spawn_blocking<T>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = T> + Send + 'static>>
    where
        T: Send + 'static,
    {
        // Dropping the handle lets the closure go on.
        Box::pin(self.runtime.spawn_blocking(work).join_or_panic())
    }
}

/// Names of the kernel's, which are no files.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod abstract_name {
    use std::io;
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    use std::os::fd::OwnedFd;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};
    use std::path::Path;

    use zbus::runtime::IoSource;

    pub(super) fn of(path: &Path) -> Option<&[u8]> {
        path.as_os_str().as_bytes().strip_prefix(&[0])
    }

    pub(super) fn connect(name: &[u8]) -> io::Result<IoSource> {
        let stream = UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)?;
        stream.set_nonblocking(true)?;
        Ok(OwnedFd::from(stream).into())
    }
}

/// Other systems have none.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod abstract_name {
    use std::io;
    use std::path::Path;

    use zbus::runtime::IoSource;

    pub(super) fn of(_: &Path) -> Option<&[u8]> {
        None
    }

    pub(super) fn connect(_: &[u8]) -> io::Result<IoSource> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
