//! Each backend, as a function that runs a case on it.

use std::future::Future;

use anyrt_async_std::AsyncStd;
use anyrt_core::{AnyRuntime, BlockOn, Config, Flavor, Launch};
use anyrt_smol::Smol;
use anyrt_tokio::Tokio;

use super::watched;

pub fn tokio_multi_thread<F>(case: impl FnOnce(Tokio) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    launched::<anyrt_tokio::Owned, _>(Config::new().worker_threads(2), case);
}

pub fn tokio_current_thread<F>(case: impl FnOnce(Tokio) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    let config = Config::new().flavor(Flavor::CurrentThread);
    launched::<anyrt_tokio::Owned, _>(config, case);
}

pub fn smol<F>(case: impl FnOnce(Smol) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    watched(|| Smol::global().block_on(case(Smol::global())));
}

pub fn smol_owned<F>(case: impl FnOnce(Smol) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    launched::<anyrt_smol::Owned, _>(Config::new().worker_threads(2), case);
}

pub fn async_std<F>(case: impl FnOnce(AsyncStd) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    watched(|| AsyncStd::global().block_on(case(AsyncStd::global())));
}

pub fn erased<F>(case: impl FnOnce(AnyRuntime) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    tokio_multi_thread(|rt| case(AnyRuntime::new(rt)));
}

fn launched<L: Launch, F>(config: Config, case: impl FnOnce(L::Handle) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    watched(|| {
        let rt = L::launch(config).expect("the options are the backend's");
        rt.block_on(case(rt.handle()));
    });
}
