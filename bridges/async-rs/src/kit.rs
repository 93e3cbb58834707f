use std::future::Future;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::{BlockOn, Instant, Runtime};
use anyrt_net::{AsOsSocket, AsyncRead, AsyncWrite, NetRuntime, OsNet, TcpOptions};
use async_rs::traits::{Executor, Reactor, RuntimeKit};
use async_rs::util::Task;
use futures_core::Stream;

use crate::KitTask;
use crate::registered::Registered;

/// async-rs' executor and reactor, on the runtime that it carries.
///
/// Connections are made without Nagle's delays, as async-rs makes its own.
///
/// # Examples
///
/// ```
/// use anyrt_async_rs::Kit;
/// use anyrt_core::{Config, prelude::*};
/// use async_rs::traits::Executor;
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let rt = async_rs::Runtime::new(Kit::new(owner.handle()));
/// let task = rt.spawn(async { 42 });
/// assert_eq!(owner.block_on(task), 42);
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Kit<R> {
    runtime: R,
}

impl<R> Kit<R> {
    /// Takes the handle of a runtime.
    pub fn new(runtime: R) -> Self {
        Self { runtime }
    }
}

impl<R> RuntimeKit for Kit<R> where R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn {}

impl<R: Runtime + BlockOn> Executor for Kit<R> {
    type Task<T: Send + 'static> = KitTask<R, T>;

    #[track_caller]
    fn block_on<T, F: Future<Output = T>>(&self, future: F) -> T {
        self.runtime.block_on(future)
    }

    #[track_caller]
    fn spawn<T, F>(&self, future: F) -> Task<KitTask<R, T>>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        KitTask::new(self.runtime.spawn(future)).into()
    }

    #[track_caller]
    fn spawn_blocking<T, F>(&self, work: F) -> Task<KitTask<R, T>>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        KitTask::blocking(self.runtime.spawn_blocking(work)).into()
    }
}

impl<R> Reactor for Kit<R>
where
    R: NetRuntime + OsNet<Registered: Send + 'static>,
{
    type TcpStream = R::TcpStream;
    type Sleep = R::Sleep;

    /// Reads and writes with `socket` itself, and waits on a duplicate of its descriptor.
    fn register<H: Read + Write + AsOsSocket + Send + 'static>(
        &self,
        socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Registered::new(&self.runtime, socket)
    }

    #[track_caller]
    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.runtime.sleep(duration)
    }

    #[track_caller]
    fn interval(&self, period: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.runtime.interval(period)
    }

    #[track_caller]
    fn tcp_connect_addr(
        &self,
        addr: SocketAddr,
    ) -> impl Future<Output = io::Result<R::TcpStream>> + Send + 'static {
        let options = TcpOptions::new().nodelay(true);
        self.runtime.tcp_connect_with(addr, &options)
    }
}
