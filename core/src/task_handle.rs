use crate::{JoinHandle, Spawn, SpawnBlocking, SpawnLocal};

/// The handle that [`spawn`](Spawn::spawn) returns on the runtime `R`, for a task with an output of type `T`.
///
/// It is an alias, for signatures and for fields of structs that are generic over the runtime. A
/// [`BoxJoinHandle`](crate::BoxJoinHandle) has no runtime in its type.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Runtime, TaskHandle};
///
/// fn start<R: Runtime>(rt: &R) -> TaskHandle<R, u32> {
///     rt.spawn(async { 42 })
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(start(&rt.handle())).unwrap(), 42);
/// ```
pub type TaskHandle<R, T> = JoinHandle<<R as Spawn>::Task<T>>;

/// The handle that [`spawn_local`](SpawnLocal::spawn_local) returns on the runtime `R`. See [`TaskHandle`].
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::{LocalRuntime, LocalTaskHandle};
///
/// fn start<R: LocalRuntime>(rt: &R) -> LocalTaskHandle<R, Rc<str>> {
///     rt.spawn_local(async { "moin".into() })
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(&*rt.block_on(start(&rt.handle())).unwrap(), "moin");
/// ```
pub type LocalTaskHandle<R, T> = JoinHandle<<R as SpawnLocal>::LocalTask<T>>;

/// The handle that [`spawn_blocking`](SpawnBlocking::spawn_blocking) returns on the runtime `R`. See [`TaskHandle`].
///
/// # Examples
///
/// ```
/// use anyrt_core::{BlockingTaskHandle, Runtime};
///
/// fn read<R: Runtime>(rt: &R, path: String) -> BlockingTaskHandle<R, std::io::Result<String>> {
///     rt.spawn_blocking(move || std::fs::read_to_string(path))
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert!(rt.block_on(read(&rt.handle(), "/".into())).unwrap().is_err());
/// ```
pub type BlockingTaskHandle<R, T> = JoinHandle<<R as SpawnBlocking>::BlockingTask<T>>;
