use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::super::context;
use super::layer::{BrokenLayer, BrokenLocal};
use super::{Fault, Run};
use crate::kit::OnDrop;
use crate::{BoxWork, End, Instance, Layer, Local, RootFuture, Shared, Value};

thread_local! {
    /// The runtimes that block this thread, innermost last.
    static AROUND: RefCell<Vec<Arc<dyn Layer>>> = const { RefCell::new(Vec::new()) };
}

/// The runtime that blocks this thread.
pub(in crate::mutants) fn ambient() -> Option<Arc<dyn Layer>> {
    AROUND.with_borrow(|around| around.last().cloned())
}

/// A started runtime, which calls the hooks.
struct Broken<H> {
    inner: Box<dyn Instance<H>>,
    handle: H,
    run: Run,
}

/// A started runtime whose tasks are `Send`, with one fault.
pub(in crate::mutants) fn shared(
    inner: Box<dyn Instance<Shared>>,
    fault: &'static dyn Fault,
) -> Box<dyn Instance<Shared>> {
    let sound = inner.handle();
    let run = Run::new(fault, Some(sound.layer()));
    fault.start();
    let broken = BrokenLayer::new(sound.layer(), run.clone());
    Box::new(Broken {
        inner,
        handle: sound.with_layer(Arc::new(broken)),
        run,
    })
}

/// A started runtime whose tasks are local, with one fault.
pub(in crate::mutants) fn local(
    inner: Box<dyn Instance<Local>>,
    fault: &'static dyn Fault,
) -> Box<dyn Instance<Local>> {
    let sound = inner.handle();
    let run = Run::new(fault, None);
    fault.start();
    let broken = BrokenLocal::new(sound.layer(), run.clone());
    Box::new(Broken {
        inner,
        handle: sound.with_layer(Rc::new(broken)),
        run,
    })
}

impl<H: Clone> Instance<H> for Broken<H> {
    fn handle(&self) -> H {
        self.handle.clone()
    }

    fn block_on(&self, future: RootFuture<'_>) {
        let around = self.run.shared_layer().into_iter();
        let entered = around.len();
        AROUND.with_borrow_mut(|it| it.extend(around));
        let _leave = OnDrop(|| {
            AROUND.with_borrow_mut(|it| it.truncate(it.len() - entered));
        });
        let mut future = Some(self.run.fault().root(&self.run, future));
        self.run.fault().drive(&self.run, &mut || {
            let future = future.take().expect("driven once");
            context::blocking(|| self.inner.block_on(future));
        });
    }

    fn run(&self, future: BoxWork) -> Value {
        let mut future = Some(future);
        self.run.fault().run(&mut || {
            let future = future.take().expect("run once");
            self.inner.run(future)
        })
    }

    fn shutdown(self: Box<Self>, grace: Duration) {
        self.run.end();
        let fault = self.run.fault();
        fault.shutdown(grace, Box::new(move |grace| self.inner.shutdown(grace)));
    }

    fn into_end(self: Box<Self>) -> End {
        let (end, run) = (self.inner.into_end(), self.run);
        Box::new(move |grace| {
            run.fault().end_inside();
            run.end();
            end(grace);
        })
    }
}
