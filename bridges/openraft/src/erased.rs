use std::future::Future;
use std::time::Duration;

#[cfg(feature = "single-threaded")]
use anyrt_core::{AnyLocalRuntime as Any, LocalRuntime as Runtime};
#[cfg(not(feature = "single-threaded"))]
use anyrt_core::{AnyRuntime as Any, Runtime};
use anyrt_core::{BlockOn, Config, Launch, LaunchError};

/// A runtime without its type: its handle is an [`AnyRuntime`](anyrt_core::AnyRuntime), which is the current one inside of it.
///
/// `Openraft<Erased<L>>` is for programs that pass `AnyRuntime`s around. `L` only says what `Openraft::new` launches; tasks and sleeps
/// run on whichever `AnyRuntime` is current. With the feature `single-threaded` it is an
/// [`AnyLocalRuntime`](anyrt_core::AnyLocalRuntime).
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, Launch, prelude::*};
/// use anyrt_openraft::{Erased, Openraft};
/// use openraft_rt::AsyncRuntime;
///
/// // Whatever this is, it is an `AnyRuntime`.
#[cfg_attr(
    not(feature = "single-threaded"),
    doc = "let owner = Erased::<anyrt_tokio::Owned>::launch(Config::new())?;\ntype Rt = Openraft<Erased<anyrt_smol::Owned>>;"
)]
#[cfg_attr(
    feature = "single-threaded",
    doc = "let owner = Erased::<anyrt_tokio::Local>::launch(Config::new())?;\ntype Rt = Openraft<Erased<anyrt_smol::Local>>;"
)]
/// assert_eq!(owner.block_on(async { Rt::spawn(async { 42 }).await })?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Erased<L> {
    owner: L,
    handle: Any,
}

impl<L> Launch for Erased<L>
where
    L: Launch<Handle: Runtime>,
{
    type Handle = Any;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        let owner = L::launch(config)?;
        let handle = Any::new(owner.handle());
        Ok(Self { owner, handle })
    }

    fn handle(&self) -> Any {
        self.handle.clone()
    }

    fn shutdown(self, grace: Duration) {
        drop(self.handle);
        self.owner.shutdown(grace);
    }
}

impl<L: BlockOn> BlockOn for Erased<L> {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.owner.block_on(self.handle.as_current(future))
    }
}
