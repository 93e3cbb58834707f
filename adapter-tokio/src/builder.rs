//! Spawning through tokio's task builder, which tells tokio's console the name of a task.
//!
//! tokio has its builder only where it was built with `--cfg tokio_unstable` *and* its feature `tracing`. The first can be seen
//! from here, the features of another crate cannot. So there is a stand-in of the same name outside of the functions, and
//! inside of them a glob import, which hides it where tokio has the real one.

use std::future::Future;
use std::io;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What is used of tokio's builder, for a tokio that has none: it forgets the name.
#[allow(dead_code, reason = "used only where tokio has no builder")]
struct Builder;

#[allow(dead_code, reason = "used only where tokio has no builder")]
impl Builder {
    fn new() -> Self {
        Self
    }

    fn name(self, _: &str) -> Self {
        self
    }

    #[track_caller]
    fn spawn_on<F>(self, future: F, runtime: &Handle) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(runtime.spawn(future))
    }

    #[track_caller]
    fn spawn_local<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(tokio::task::spawn_local(future))
    }

    #[track_caller]
    fn spawn_blocking_on<F, T>(self, work: F, runtime: &Handle) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(runtime.spawn_blocking(work))
    }
}

#[track_caller]
pub(crate) fn spawn<F>(name: &str, future: F, runtime: &Handle) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[allow(unused_imports, reason = "tokio has no builder without `tracing`")]
    use tokio::task::*;

    match Builder::new().name(name).spawn_on(future, runtime) {
        Ok(task) => task,
        Err(error) => panic!("tokio cannot spawn a task: {error}"),
    }
}

/// Spawns on the local runtime whose context the caller is in.
#[track_caller]
pub(crate) fn spawn_local<F>(name: &str, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    #[allow(unused_imports, reason = "tokio has no builder without `tracing`")]
    use tokio::task::*;

    match Builder::new().name(name).spawn_local(future) {
        Ok(task) => task,
        Err(error) => panic!("tokio cannot spawn a local task: {error}"),
    }
}

#[track_caller]
pub(crate) fn spawn_blocking<F, T>(name: &str, work: F, runtime: &Handle) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    #[allow(unused_imports, reason = "tokio has no builder without `tracing`")]
    use tokio::task::*;

    match Builder::new().name(name).spawn_blocking_on(work, runtime) {
        Ok(task) => task,
        // The plain call panics with these words, where there is no thread to run the closure.
        Err(error) if error.raw_os_error().is_some() => {
            panic!("OS can't spawn worker thread: {error}")
        }
        // The runtime is gone, and the builder has dropped the closure. The plain call yields a handle that says cancelled,
        // and does so for any closure of this type.
        Err(_) => runtime.spawn_blocking(|| unreachable!("a runtime that is gone runs nothing")),
    }
}
