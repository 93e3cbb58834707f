use std::sync::{Arc, OnceLock};

use agnostic_lite::{smol::SmolRuntime, tokio::TokioRuntime};
use anyrt_conformance::{Backend, Claims, Shared};
use tokio::runtime::{Builder, Runtime};

use crate::agnostic_lite::AgnosticLite;
use crate::async_executors::{OnAsyncStd, OnTokio};
use crate::async_rs::AsyncRs;

/// Every layer on every runtime that it has and that is one of the project's.
pub(crate) fn all() -> Vec<Backend> {
    vec![
        Backend::layer("agnostic-lite/tokio", || {
            entered();
            Shared::from_layer(Arc::new(AgnosticLite::<TokioRuntime>::default()))
        })
        .claims(tokio_claims),
        Backend::layer("agnostic-lite/smol", || {
            Shared::from_layer(Arc::new(AgnosticLite::<SmolRuntime>::default()))
        })
        .claims(smol_claims),
        Backend::layer("async_executors/tokio", || {
            Shared::from_layer(Arc::new(OnTokio::new(entered())))
        })
        .claims(tokio_claims),
        Backend::layer("async_executors/async-std", || {
            Shared::from_layer(Arc::new(OnAsyncStd::new()))
        })
        .claims(|claims| {
            smol_claims(claims);
            claims.multi_thread = true;
            claims.nested_block_on = true;
        }),
        Backend::layer("async-rs/tokio", || {
            let runtime = runtime();
            Shared::from_layer(Arc::new(AsyncRs(async_rs::Runtime::tokio_with_handle(
                runtime.handle().clone(),
            ))))
        })
        .claims(tokio_claims),
        Backend::layer("async-rs/smol", || {
            Shared::from_layer(Arc::new(AsyncRs(async_rs::Runtime::smol())))
        })
        .claims(smol_claims),
    ]
}

/// A tokio runtime that lasts as long as the process.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let start = || {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(4).enable_time().build();
        runtime.expect("the system has threads to give")
    };
    RUNTIME.get_or_init(start)
}

/// That runtime, with this thread inside it for good: layers that find their runtime by looking around are to find it where
/// a program's `main` would have it.
fn entered() -> &'static Runtime {
    std::mem::forget(runtime().enter());
    runtime()
}

fn tokio_claims(claims: &mut Claims) {
    claims.multi_thread = true;
    claims.background = true;
    claims.foreign_block_on = true;
    claims.global_timer = true;
    claims.threads = vec!["tokio-rt-worker".to_owned()];
}

fn smol_claims(claims: &mut Claims) {
    claims.background = true;
    claims.foreign_block_on = true;
    claims.global_timer = true;
    claims.blocking_limit = 500;
    let threads = [
        "async-io",
        "blocking-*",
        "smol-*",
        "async-std/*",
        "futures-timer",
    ];
    claims.process_threads = threads.map(str::to_owned).into();
}
