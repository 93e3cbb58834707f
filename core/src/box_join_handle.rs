use alloc::boxed::Box;

use crate::{JoinHandle, RawTask};

/// A [`JoinHandle`] without a runtime in its type; made by [`JoinHandle::boxed`].
///
/// For fields of structs, for handles of several runtimes in one collection, and for functions that return one. It keeps every
/// rule of the handle that it was made of.
///
/// # Cost
///
/// 16 bytes, and one allocation when it is made. Each call is a virtual one.
///
/// # Examples
///
/// ```
/// use anyrt_core::{prelude::*, BoxJoinHandle};
///
/// struct Server { accept: BoxJoinHandle<u32> }
///
/// impl Server {
///     fn start<R: Runtime>(rt: &R) -> Self {
///         Self { accept: rt.spawn(async { 42 }).boxed() }
///     }
///     async fn stop(self) {
///         self.accept.cancel().await.ok();
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(Server::start(&rt.handle()).stop());
/// ```
pub type BoxJoinHandle<T> = JoinHandle<Box<dyn RawTask<Output = T> + Send + Sync>>;

/// A [`JoinHandle`] of a task that is not `Send`, without a runtime in its type; made by [`JoinHandle::boxed_local`].
///
/// # Cost
///
/// As [`BoxJoinHandle`].
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{prelude::*, LocalBoxJoinHandle};
///
/// fn load<R: LocalRuntime>(rt: &R, name: Rc<str>) -> LocalBoxJoinHandle<usize> {
///     rt.spawn_local(async move { name.len() }).boxed_local()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(load(&rt.handle(), "moin".into())).unwrap(), 4);
/// ```
pub type LocalBoxJoinHandle<T> = JoinHandle<Box<dyn RawTask<Output = T>>>;
