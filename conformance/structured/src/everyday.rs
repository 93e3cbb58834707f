use std::error::Error;
use std::future::pending;

use anyrt_core::{Runtime, yield_now};
use anyrt_structured::{
    CancellationToken, TaskGroup, TaskMap, TaskTracker, for_each_concurrent, scope, try_scope,
};
use futures::FutureExt;

type BoxError = Box<dyn Error + Send + Sync>;

/// What a library writes with structured tasks for every runtime: groups and scopes whose outputs mention lifetimes, held across
/// awaits in an `async fn`.
///
/// It belongs to `everyday!` of `anyrt-conformance`, which compiles it with concrete handles.
///
/// # Errors
///
/// When a task does not return what it should.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
///
/// let owned = anyrt_sim::Owned::launch(Config::new())?;
/// let rt = owned.handle();
/// owned.block_on(anyrt_conformance_structured::everyday(&rt))?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
pub async fn everyday<R: Runtime>(rt: &R) -> Result<(), BoxError> {
    let mut group = TaskGroup::new(rt);
    group.spawn(async { Ok::<&str, BoxError>("a") });
    group.spawn_blocking(|| Err("b".into()));
    let stop = group.spawn_abortable(pending());
    stop.abort();
    let token = CancellationToken::new();
    let mut ended = 0;
    while ended < 3 {
        futures::select_biased! {
            end = group.join_next().fuse() => match end {
                Some(_) => ended += 1,
                None => yield_now().await,
            },
            () = token.cancelled().fuse() => return Err("nobody cancelled".into()),
        }
    }
    let mut map = TaskMap::new(rt.clone());
    map.spawn("key", async { "value" });
    let (key, value) = map.join_next().await.ok_or("the map is empty")?;
    let scoped = scope(rt, |scope| async move {
        scope.spawn(async {});
        "scoped"
    })
    .await;
    let failed: Result<&str, BoxError> = try_scope(rt, |scope| async move {
        scope.spawn(pending());
        scope.spawn_result(async { Err("failed".into()) });
        Ok("tried")
    })
    .await;
    for_each_concurrent(rt, 2, ["x", "y"], |text| async move {
        yield_now().await;
        assert_ne!(text, "z");
    })
    .await?;
    let tracked = TaskTracker::new().spawn(rt, async { "tracked" }).await?;
    let found = (key, value?, scoped, failed.is_err(), tracked);
    if found != ("key", "value", "scoped", true, "tracked") {
        return Err(format!("tasks returned {found:?}").into());
    }
    Ok(())
}
