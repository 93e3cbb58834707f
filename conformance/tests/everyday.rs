//! Ordinary code compiles with the handles of every backend, with each ambient form and without a type; and it runs.

use std::future::Future;

use anyrt_conformance::everyday;
use anyrt_conformance::everyday::{local_tasks, spawnable, tasks};
use anyrt_core::{AnyLocalRuntime, AnyRuntime, Config, LocalRuntime, Runtime, prelude::*};

everyday!(anyrt_tokio::Tokio, anyrt_tokio::Ambient);
everyday!(anyrt_smol::Smol, anyrt_smol::Ambient);
everyday!(anyrt_async_std::AsyncStd, anyrt_async_std::Ambient);
everyday!(anyrt_sim::Sim, anyrt_sim::Ambient);
everyday!(
    AnyRuntime,
    anyrt_core::AnyBlockOn,
    std::sync::Arc<AnyRuntime>
);
everyday!(local anyrt_tokio::LocalHandle, anyrt_smol::LocalHandle, anyrt_async_std::LocalHandle);
everyday!(local anyrt_sim::Sim, AnyLocalRuntime);

fn runs<L: Launch<Handle: Runtime>>() {
    let owned = L::launch(Config::new()).expect("launches");
    let rt = owned.handle();
    let erased = AnyRuntime::new(rt.clone());
    owned.block_on(tasks(&rt)).expect("they end as they should");
    let task = rt.spawn(spawnable(async move { tasks(&erased).await }));
    let end = owned.block_on(task).expect("nothing panicked");
    end.expect("they end as they should without a type as well");
}

fn runs_local<L: Launch<Handle: LocalRuntime>>() {
    let owned = L::launch(Config::new()).expect("launches");
    let rt = owned.handle();
    let erased = AnyLocalRuntime::new(rt.clone());
    let all = async move {
        local_tasks(&rt).await?;
        local_tasks(&erased).await
    };
    owned.block_on(all).expect("they end as they should");
}

#[test]
fn tasks_run_on_every_runtime() {
    runs::<anyrt_tokio::Owned>();
    runs::<anyrt_smol::Owned>();
    runs::<anyrt_sim::Owned>();
    for global in [
        AnyRuntime::new(anyrt_smol::Smol::global()),
        AnyRuntime::new(anyrt_async_std::AsyncStd::global()),
    ] {
        block_on(tasks(&global));
    }
}

#[test]
fn local_tasks_run_on_every_runtime() {
    runs_local::<anyrt_tokio::Local>();
    runs_local::<anyrt_smol::Local>();
    runs_local::<anyrt_async_std::Local>();
    runs_local::<anyrt_sim::Owned>();
}

fn block_on(future: impl Future<Output = Result<(), everyday::BoxError>>) {
    futures::executor::block_on(future).expect("they end as they should");
}
