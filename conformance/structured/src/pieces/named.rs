use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::{Spawn, SpawnBlocking, SpawnLocal};
use anyrt_structured::Instrumented;
use pin_project_lite::pin_project;

use super::{Flaw, Structured};
use crate::{Handle, Local, LocalHandle, Shared};

anyrt_conformance_engine::mutants! { Flaw;
    named_changes_payloads: "a task with a name panics with another payload",
        killed by "named::task_rules_hold";
    named_loses_lines: "the line of a task is one of the library's",
        killed by "named::location_is_the_callers", "named::closures_have_names";
    named_loses_names: "a task does not know its name",
        killed by "named::is_current_while_polled", "named::location_is_the_callers",
            "named::closures_have_names";
}

impl<H: Clone> Structured<H> {
    /// The runtime, whose tasks know their names.
    pub(crate) fn instrumented(&self) -> Named<H> {
        Named {
            real: Instrumented::new(self.runtime.clone()),
            flaw: self.flaw,
        }
    }
}

/// A runtime whose tasks know their names.
#[derive(Clone)]
pub(crate) struct Named<H> {
    real: Instrumented<H>,
    flaw: Option<Flaw>,
}

impl<H> Named<H> {
    fn work<W>(&self, work: W) -> Work<W> {
        Work {
            work,
            changes_payload: self.flaw == Some(Flaw::named_changes_payloads),
        }
    }
}

/// Calls from a line of its own.
fn elsewhere<T>(call: impl FnOnce() -> T) -> T {
    call()
}

impl Named<Shared> {
    #[track_caller]
    pub(crate) fn spawn_named<F>(&self, name: &str, future: F) -> Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let work = self.work(future);
        match self.flaw {
            Some(Flaw::named_loses_names) => self.real.runtime().spawn(work),
            Some(Flaw::named_loses_lines) => elsewhere(|| self.real.spawn_named(name, work)),
            _ => self.real.spawn_named(name, work),
        }
    }
}

impl Named<Local> {
    #[track_caller]
    pub(crate) fn spawn_named<F>(&self, name: &str, future: F) -> LocalHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let work = self.work(future);
        match self.flaw {
            Some(Flaw::named_loses_names) => self.real.runtime().spawn(work),
            Some(Flaw::named_loses_lines) => elsewhere(|| self.real.spawn_local_named(name, work)),
            _ => self.real.spawn_local_named(name, work),
        }
    }
}

impl<H: SpawnBlocking> Named<H> {
    #[track_caller]
    pub(crate) fn spawn_blocking_named<F, T>(
        &self,
        name: &str,
        work: F,
    ) -> anyrt_core::JoinHandle<H::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        match self.flaw {
            Some(Flaw::named_loses_names) => self.real.runtime().spawn_blocking(work),
            Some(Flaw::named_loses_lines) => {
                elsewhere(|| self.real.spawn_blocking_named(name, work))
            }
            _ => self.real.spawn_blocking_named(name, work),
        }
    }
}

pin_project! {
    /// What a named task does.
    struct Work<W> {
        #[pin]
        work: W,
        changes_payload: bool,
    }
}

impl<F: Future> Future for Work<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !*this.changes_payload {
            return this.work.poll(cx);
        }
        let poll = catch_unwind(AssertUnwindSafe(|| this.work.poll(cx)));
        poll.unwrap_or_else(|_| resume_unwind(Box::new("a named task panicked")))
    }
}
