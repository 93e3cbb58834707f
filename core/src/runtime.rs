use core::fmt::Debug;

use crate::{Spawn, SpawnBlocking, SpawnLocal, Timer};

/// What a library takes by value and clones into its tasks.
///
/// Everything that spawns, runs blocking closures and tells the time is one of these; there is nothing to implement.
///
/// [`BlockOn`](crate::BlockOn) and [`Launch`](crate::Launch) are left out, so that generic libraries can neither block a worker
/// nor start a second runtime.
///
/// # For library authors
///
/// Three ways to take a runtime, from the cheapest to the most convenient:
/// - `fn f<R: Runtime>(rt: &R)`, with no cost at all;
/// - `struct Client<R: Runtime = AnyRuntime>`, generic for those who care and plain for those who do not;
/// - a field of type [`AnyRuntime`](crate::AnyRuntime), with no type parameter and a few boxes.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::prelude::*;
///
/// #[derive(Clone, Debug)]
/// struct Pinger<R> { rt: R }
///
/// impl<R: Runtime> Pinger<R> {
///     async fn ping(&self) -> bool {
///         let reply = self.rt.spawn(async { true });
///         matches!(self.rt.timeout(Duration::from_secs(1), reply).await, Ok(Ok(true)))
///     }
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert!(rt.block_on(Pinger { rt: rt.handle() }.ping()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a runtime",
    label = "`{Self}` lacks a part of `Runtime`",
    note = "a `Runtime` is `Spawn + SpawnBlocking + Timer + Clone + Debug + Send + Sync + Unpin + 'static`, with sleeps that are `Send + Sync + 'static`",
    note = "pass a handle, such as `anyrt_tokio::Tokio`, `anyrt_smol::Smol` or `anyrt_core::AnyRuntime`; handles of local runtimes are `LocalRuntime`s",
    note = "a runtime that was launched has its handle in `rt.handle()`"
)]
pub trait Runtime:
    Spawn
    + SpawnBlocking
    + Timer<Sleep: Send + Sync + 'static>
    + Clone
    + Debug
    + Send
    + Sync
    + Unpin
    + 'static
{
}

// One error, and not one for each part that is missing.
#[diagnostic::do_not_recommend]
impl<R> Runtime for R where
    R: Spawn
        + SpawnBlocking
        + Timer<Sleep: Send + Sync + 'static>
        + Clone
        + Debug
        + Send
        + Sync
        + Unpin
        + 'static
{
}

/// What a library takes whose futures are not `Send`.
///
/// The handles of local runtimes are of this kind; there is nothing to implement.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use anyrt_core::prelude::*;
///
/// async fn shout<R: LocalRuntime>(rt: &R, word: Rc<str>) -> String {
///     rt.spawn_local(async move { word.to_uppercase() }).await.unwrap_or_default()
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(shout(&rt.handle(), "moin".into())), "MOIN");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a local runtime",
    label = "`{Self}` lacks a part of `LocalRuntime`",
    note = "a `LocalRuntime` is `SpawnLocal + SpawnBlocking + Timer + Clone + Debug + Unpin + 'static`; pass the handle of one, such as that of `anyrt_tokio::Local`",
    note = "a local runtime that was launched has its handle in `rt.handle()`"
)]
pub trait LocalRuntime:
    SpawnLocal + SpawnBlocking + Timer<Sleep: 'static> + Clone + Debug + Unpin + 'static
{
}

#[diagnostic::do_not_recommend]
impl<R> LocalRuntime for R where
    R: SpawnLocal + SpawnBlocking + Timer<Sleep: 'static> + Clone + Debug + Unpin + 'static
{
}
