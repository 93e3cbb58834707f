use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use anyrt_core::JoinError;
use anyrt_structured::{CancellationToken, LocalScope, Scope};
use anyrt_structured::{local_scope, scope, try_local_scope, try_scope};
use pin_project_lite::pin_project;

use super::{Flaw, Structured};
use crate::{Local, Shared};

anyrt_conformance_engine::mutants! { Flaw;
    scope_changes_payloads: "a scope panics with another payload than its task",
        killed by "scope::panic_stops_the_rest";
    scope_ends_first: "a scope ends before its tasks do",
        killed by "scope::all_tasks_end_first";
    scope_ends_with_its_tasks: "a scope ends when its tasks have, though its body has not",
        killed by "scope::body_waits_without_a_task";
    scope_forgets_closures: "a scope does not wait for closures",
        killed by "scope::waits_for_closures";
    scope_lets_tasks_go: "the tasks of a scope that is given up, or fails, run on",
        killed by "scope::drop_aborts_all", "scope::drop_aborts_what_is_new", "scope::first_error_stops_the_rest",
            "scope::panic_stops_the_rest";
    scope_takes_late_spawns: "a scope that has ended starts tasks",
        killed by "scope::late_spawns_are_dropped";
    scope_token_is_apart: "the token of a scope does not tell that it failed or was dropped",
        killed by "scope::panic_stops_the_rest", "scope::first_error_stops_the_rest", "scope::drop_aborts_all";
}

impl Structured<Shared> {
    /// Runs `body` in a scope.
    pub(crate) fn scope<C, B>(&self, body: C) -> impl Future<Output = B::Output> + use<C, B>
    where
        C: FnOnce(InScope<Scope<Shared, Infallible>>) -> B,
        B: Future<Output: Default>,
    {
        let flaw = self.flaw;
        scope(&self.runtime, move |real| {
            let real = InScope::new(real, flaw);
            Body::new(real.tasks.clone(), flaw, body(real))
        })
    }

    /// Runs `body` in a scope that ends with the first error.
    pub(crate) fn try_scope<C, B, T, E>(
        &self,
        body: C,
    ) -> impl Future<Output = Result<T, E>> + use<C, B, T, E>
    where
        C: FnOnce(InScope<Scope<Shared, E>>) -> B,
        B: Future<Output = Result<T, E>>,
        E: Send + 'static,
    {
        let flaw = self.flaw;
        try_scope(&self.runtime, move |real| body(InScope::new(real, flaw)))
    }
}

impl Structured<Local> {
    /// Runs `body` in a scope of local tasks.
    pub(crate) fn scope<C, B>(&self, body: C) -> impl Future<Output = B::Output> + use<C, B>
    where
        C: FnOnce(InScope<LocalScope<Local, Infallible>>) -> B,
        B: Future<Output: Default>,
    {
        let flaw = self.flaw;
        local_scope(&self.runtime, move |real| {
            let real = InScope::new(real, flaw);
            Body::new(real.tasks.clone(), flaw, body(real))
        })
    }

    /// Runs `body` in a scope of local tasks that ends with the first error.
    pub(crate) fn try_scope<C, B, T, E>(
        &self,
        body: C,
    ) -> impl Future<Output = Result<T, E>> + use<C, B, T, E>
    where
        C: FnOnce(InScope<LocalScope<Local, E>>) -> B,
        B: Future<Output = Result<T, E>>,
        E: 'static,
    {
        let flaw = self.flaw;
        try_local_scope(&self.runtime, move |real| body(InScope::new(real, flaw)))
    }
}

/// Spawns into a scope.
#[derive(Clone)]
pub(crate) struct InScope<S> {
    real: S,
    flaw: Option<Flaw>,
    /// A token of which the scope knows nothing.
    apart: CancellationToken,
    tasks: Arc<Tasks>,
}

/// How many tasks a scope has had.
#[derive(Default)]
struct Tasks {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Tasks {
    fn had_some_and_has_none(&self) -> bool {
        let ended = self.ended.load(Ordering::SeqCst);
        ended > 0 && ended == self.begun.load(Ordering::SeqCst)
    }
}

/// One of them.
struct Running(Arc<Tasks>);

impl Running {
    fn new(tasks: &Arc<Tasks>) -> Self {
        tasks.begun.fetch_add(1, Ordering::SeqCst);
        Self(tasks.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl<S> InScope<S> {
    fn new(real: S, flaw: Option<Flaw>) -> Self {
        Self {
            real,
            flaw,
            apart: CancellationToken::new(),
            tasks: Arc::default(),
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Whether a task that is spawned now goes where the scope does not look.
    fn is_outside(&self, token: &CancellationToken) -> bool {
        self.has(Flaw::scope_ends_first)
            || self.has(Flaw::scope_takes_late_spawns) && token.is_cancelled()
    }
}

/// What of a task beside a scope is left in the scope.
async fn stand_in<E>(
    task: impl Future<Output = Result<Result<(), E>, JoinError>>,
) -> Result<(), E> {
    task.await.unwrap_or_else(|error| error.resume_unwind())
}

macro_rules! in_scope {
    ($scope:ident, $runtime:ident, [$($send:tt)*]) => {
        impl<E: $($send)* 'static> InScope<$scope<$runtime, E>> {
            pub(crate) fn token(&self) -> &CancellationToken {
                if self.has(Flaw::scope_token_is_apart) {
                    &self.apart
                } else {
                    self.real.token()
                }
            }

            pub(crate) fn spawn<F>(&self, future: F)
            where
                F: Future<Output = ()> + $($send)* 'static,
            {
                if self.is_outside(self.real.token()) {
                    self.real.runtime().spawn_detached(future);
                } else if self.has(Flaw::scope_lets_tasks_go) {
                    let task = self.real.runtime().spawn(future);
                    self.real.spawn_result(stand_in(async { task.await.map(Ok) }));
                } else {
                    self.real.spawn(Work::new(future, self.flaw, Running::new(&self.tasks)));
                }
            }

            pub(crate) fn spawn_result<F>(&self, future: F)
            where
                F: Future<Output = Result<(), E>> + $($send)* 'static,
            {
                self.real.spawn_result(future);
            }
        }
    };
}

in_scope!(Scope, Shared, [Send+]);
in_scope!(LocalScope, Local, []);

impl<E: Send + 'static> InScope<Scope<Shared, E>> {
    pub(crate) fn spawn_blocking<F>(&self, work: F)
    where
        F: FnOnce() -> Result<(), E> + Send + 'static,
    {
        if self.has(Flaw::scope_forgets_closures) {
            self.real.runtime().spawn_blocking(work).detach();
        } else {
            self.real.spawn_blocking(work);
        }
    }
}

pin_project! {
    /// What a task of a scope does.
    struct Work<F> {
        #[pin]
        future: F,
        changes_payload: bool,
        running: Running,
    }
}

impl<F> Work<F> {
    fn new(future: F, flaw: Option<Flaw>, running: Running) -> Self {
        Self {
            future,
            changes_payload: flaw == Some(Flaw::scope_changes_payloads),
            running,
        }
    }
}

impl<F: Future> Future for Work<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !*this.changes_payload {
            return this.future.poll(cx);
        }
        let poll = catch_unwind(AssertUnwindSafe(|| this.future.poll(cx)));
        poll.unwrap_or_else(|_| resume_unwind(Box::new("a task of a scope panicked")))
    }
}

pin_project! {
    /// What the body of a scope does.
    struct Body<F> {
        #[pin]
        future: F,
        // Those with which it ends.
        tasks: Option<Arc<Tasks>>,
    }
}

impl<F> Body<F> {
    fn new(tasks: Arc<Tasks>, flaw: Option<Flaw>, future: F) -> Self {
        Self {
            future,
            tasks: (flaw == Some(Flaw::scope_ends_with_its_tasks)).then_some(tasks),
        }
    }
}

impl<F: Future<Output: Default>> Future for Body<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let poll = this.future.poll(cx);
        match this.tasks {
            Some(tasks) if poll.is_pending() && tasks.had_some_and_has_none() => {
                Poll::Ready(Default::default())
            }
            _ => poll,
        }
    }
}
