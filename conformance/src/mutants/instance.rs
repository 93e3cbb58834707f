use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use super::layer::{BrokenLayer, hang};
use super::local::BrokenLocal;
use super::work::Work;
use super::{Defect, Fault, context};
use crate::kit::OnDrop;
use crate::{End, Instance, Layer, Local, RootFuture, Shared};

thread_local! {
    /// The runtimes that block this thread, innermost last.
    static AROUND: RefCell<Vec<Arc<dyn Layer>>> = const { RefCell::new(Vec::new()) };
    /// Crashes the process when the thread ends.
    static CRASH: OnDrop<fn()> = const { OnDrop(|| std::process::abort()) };
}

/// The runtime that blocks this thread.
pub(super) fn ambient() -> Option<Arc<dyn Layer>> {
    AROUND.with_borrow(|around| around.last().cloned())
}

/// A started runtime with one defect.
struct Broken<H> {
    inner: Box<dyn Instance<H>>,
    /// What work goes to where the runtime that blocks the thread gets it; only where tasks are `Send`.
    layer: Option<Arc<dyn Layer>>,
    handle: H,
    fault: Fault,
}

pub(super) fn broken(
    inner: Box<dyn Instance<Shared>>,
    defect: Defect,
) -> Box<dyn Instance<Shared>> {
    let fault = Fault::new(defect);
    begin(defect);
    let shared = inner.handle();
    let layer = shared.layer();
    let broken = BrokenLayer::new(layer.clone(), fault.clone());
    Box::new(Broken {
        inner,
        layer: Some(layer),
        handle: shared.with_layer(Arc::new(broken)),
        fault,
    })
}

pub(super) fn broken_local(
    inner: Box<dyn Instance<Local>>,
    defect: Defect,
) -> Box<dyn Instance<Local>> {
    let fault = Fault::new(defect);
    begin(defect);
    let local = inner.handle();
    let broken = BrokenLocal::new(local.layer(), fault.clone());
    Box::new(Broken {
        inner,
        layer: None,
        handle: local.with_layer(Rc::new(broken)),
        fault,
    })
}

fn begin(defect: Defect) {
    match defect {
        Defect::AbortsAtExit => CRASH.with(|_| {}),
        Defect::HiddenThread => {
            let hidden = thread::Builder::new().name("hidden".to_owned());
            let started = hidden.spawn(|| hang());
            started.expect("the system gives a thread");
        }
        _ => {}
    }
}

impl<H: Clone> Instance<H> for Broken<H> {
    fn handle(&self) -> H {
        self.handle.clone()
    }

    fn block_on(&self, future: RootFuture<'_>) {
        if self.fault.defect == Defect::NestedBlockOnHangs && context::is_inside() {
            hang();
        }
        let around = self.layer.clone().into_iter();
        let entered = around.len();
        AROUND.with_borrow_mut(|it| it.extend(around));
        let _leave = OnDrop(|| {
            AROUND.with_borrow_mut(|it| it.truncate(it.len() - entered));
        });
        let task = |defect| Fault::new(defect);
        let future: RootFuture<'_> = match self.fault.defect {
            Defect::BlockOnBusy => Box::pin(Restless(future)),
            Defect::RootPolledForTasks => Box::pin(Exposed(future, self.fault.clone())),
            Defect::BlockOnForgetsFuture => Box::pin(Forgotten(Some(future))),
            Defect::BlockOnNeverReturns => Box::pin(pending()),
            Defect::RootForeignWakesLost => {
                Box::pin(Work::new(future, &task(Defect::ForeignWakesLost)))
            }
            Defect::RootWakeDuringPollLost => {
                Box::pin(Work::new(future, &task(Defect::WakeDuringPollLost)))
            }
            _ => future,
        };
        let run = || context::blocking(|| self.inner.block_on(future));
        if self.fault.defect == Defect::BlockOnChangesPayload {
            let thrown = catch_unwind(AssertUnwindSafe(run));
            thrown.unwrap_or_else(|_| resume_unwind(Box::new("it panicked")));
        } else {
            run();
        }
    }

    fn shutdown(self: Box<Self>, grace: Duration) {
        self.fault.end();
        match self.fault.defect {
            Defect::GraceIgnored => self.inner.shutdown(Duration::from_secs(3600)),
            Defect::ShutdownPanicsInside if context::is_inside() => panic!("not here"),
            Defect::ShutdownForgetsTasks => std::mem::forget(self),
            _ => self.inner.shutdown(grace),
        }
    }

    fn into_end(self: Box<Self>) -> End {
        let (end, fault) = (self.inner.into_end(), self.fault);
        Box::new(move |grace| {
            let is_own = context::is_in_task() || context::is_in_closure();
            if fault.defect == Defect::ShutdownWaitsForItself && is_own {
                hang();
            }
            fault.end();
            end(grace);
        })
    }
}

/// Asks to be polled again whenever it is pending.
struct Restless<'a>(RootFuture<'a>);

impl Future for Restless<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        cx.waker().wake_by_ref();
        self.0.as_mut().poll(cx)
    }
}

/// Lets others wake it.
struct Exposed<'a>(RootFuture<'a>, Fault);

impl Future for Exposed<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.1.root(cx.waker());
        self.0.as_mut().poll(cx)
    }
}

/// Never drops what it polls.
struct Forgotten<'a>(Option<RootFuture<'a>>);

impl Future for Forgotten<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let future = self.0.as_mut().expect("taken only when it is dropped");
        future.as_mut().poll(cx)
    }
}

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        std::mem::forget(self.0.take());
    }
}
