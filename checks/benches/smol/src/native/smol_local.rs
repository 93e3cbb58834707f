use std::future::{Future, pending};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, panic_any};
use std::rc::Rc;

use ::smol::LocalExecutor;
use ::smol::future::FutureExt;

use super::executor::on_executor;
use super::smol;
use anyrt_benches_kit::local::{LocalWork, StartLocal};
use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{PAYLOAD, count_one, restart_count, until_ran};

/// smol's executor of one thread, shared by `Rc`.
#[derive(Clone, Debug)]
pub struct SmolLocal(Rc<LocalExecutor<'static>>);

impl StartLocal for SmolLocal {
    type Work = Self;

    fn start() -> Self {
        Self(Rc::new(LocalExecutor::new()))
    }

    fn work(&self) -> Self {
        self.clone()
    }

    fn drive<F: Future<Output = ()> + 'static>(&self, root: F) {
        ::smol::block_on(self.0.run(self.0.spawn(root)));
    }
}

on_executor!(LocalWork for SmolLocal);
