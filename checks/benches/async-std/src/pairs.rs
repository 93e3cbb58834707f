use std::future::Future;

use anyrt_async_std::AsyncStd;
use anyrt_benches_kit::layer::Layer;
use anyrt_benches_kit::measure::Drive;
use anyrt_benches_kit::pair::Pair;

use crate::native;

/// Starts the pair `key`; `None` where it is none of async-std's.
pub fn start(key: &'static str) -> Option<Pair> {
    Some(match key {
        "async-std" => Pair::new(key, native::AsyncStd, Layer(AsyncStd::global()), || {
            OnAsyncStd
        }),
        "async-std+ambient" => {
            let layer = Layer(anyrt_async_std::Ambient);
            Pair::new(key, native::AsyncStd, layer, || OnAsyncStd)
        }
        "async-std+any" => Pair::erased(key, AsyncStd::global(), || OnAsyncStd),
        "async-std-local" => Pair::local::<native::AsyncStdLocal, anyrt_async_std::Local>(key),
        _ => return None,
    })
}

/// Drives a root as a task of async-std's.
#[derive(Debug)]
pub struct OnAsyncStd;

impl Drive for OnAsyncStd {
    fn drive<F: Future<Output = ()> + Send + 'static>(&self, root: F) {
        smol::future::block_on(async_std::task::spawn(root));
    }
}
