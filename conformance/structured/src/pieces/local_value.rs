use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use anyrt_structured::{WithTaskLocal, task_local};

use super::{Flaw, Structured};

anyrt_conformance_engine::mutants! { Flaw;
    local_value_ends_first: "a value is unset before what it was set for is dropped",
        killed by "local_value::is_set_while_polled";
    local_value_ignores_inner: "a value inside a value does not hide it",
        killed by "local_value::nests";
    local_value_stays: "a value stays set on the thread",
        killed by "local_value::is_set_while_polled";
}

task_local! {
    static VALUE: u32;
}

thread_local! {
    /// Where a flawed value is set once and for all.
    static STALE: Cell<Option<u32>> = const { Cell::new(None) };
    /// What a flawed value does not hide, from the poll outside to the one inside.
    static OUTER: Cell<Option<u32>> = const { Cell::new(None) };
}

impl<H> Structured<H> {
    /// A value that is set while a future runs.
    pub(crate) fn local_value(&self) -> LocalValue {
        LocalValue { flaw: self.flaw }
    }
}

/// A value that is set while a future runs.
#[derive(Clone, Copy)]
pub(crate) struct LocalValue {
    flaw: Option<Flaw>,
}

impl LocalValue {
    fn has(self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    pub(crate) fn get(self) -> Option<u32> {
        VALUE.get().ok().or_else(|| STALE.get())
    }

    pub(crate) fn scope<F: Future>(self, value: u32, future: F) -> Scoped<F> {
        let future = Arc::new(Mutex::new(Box::pin(future)));
        let outlives = self.has(Flaw::local_value_ends_first);
        Scoped {
            _kept: outlives.then(|| future.clone()),
            real: VALUE.scope(value, Inside { future }),
            stays: self.has(Flaw::local_value_stays).then_some(value),
            ignores: self.has(Flaw::local_value_ignores_inner),
        }
    }

    pub(crate) fn sync_scope<T>(self, value: u32, run: impl FnOnce() -> T) -> T {
        if self.has(Flaw::local_value_ignores_inner) && VALUE.get().is_ok() {
            return run();
        }
        VALUE.sync_scope(value, run)
    }
}

type Kept<F> = Arc<Mutex<Pin<Box<F>>>>;

/// A future with its value.
pub(crate) struct Scoped<F> {
    real: WithTaskLocal<u32, Inside<F>>,
    /// Dropped after the real one, which has unset the value.
    _kept: Option<Kept<F>>,
    stays: Option<u32>,
    ignores: bool,
}

// The future is in a box.
impl<F> Unpin for Scoped<F> {}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.stays.is_some() {
            STALE.set(self.stays);
        }
        if self.ignores {
            OUTER.set(VALUE.get().ok());
        }
        Pin::new(&mut self.real).poll(cx)
    }
}

/// What the value is set for.
struct Inside<F> {
    future: Kept<F>,
}

impl<F: Future> Future for Inside<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut future = self.future.lock().unwrap_or_else(PoisonError::into_inner);
        match OUTER.take() {
            Some(outer) => VALUE.sync_scope(outer, || future.as_mut().poll(cx)),
            None => future.as_mut().poll(cx),
        }
    }
}
