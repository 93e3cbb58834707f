//! An `async fn` that is generic over the runtime may hold a handle across an await, whatever lifetimes its output mentions.

use anyrt::prelude::*;

pub async fn length<R: Runtime>(rt: &R) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let task = rt.spawn(async { Ok::<&str, Box<dyn std::error::Error + Send + Sync>>("text") });
    let closure = rt.spawn_blocking(|| "closure").await?;
    Ok(task.await??.len() + closure.len())
}

pub fn spawned(tokio: anyrt::tokio::Tokio, smol: anyrt::smol::Smol, any: anyrt::AnyRuntime) {
    drop(tokio.clone().spawn(async move { length(&tokio).await }));
    drop(smol.clone().spawn(async move { length(&smol).await }));
    drop(any.clone().spawn(async move { length(&any).await }));
}
