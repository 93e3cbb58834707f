//! The layers on every runtime, and with exact times on a simulation.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_core::{Elapsed, Instant, Runtime};
use anyrt_structured::Backoff;
use anyrt_tower::{
    BoxError, BufferLayer, LoadShedLayer, Overloaded, RateLimitLayer, RetryLayer, ServiceError,
    TimeoutLayer,
};
use futures::channel::oneshot;
use futures::future::{BoxFuture, join_all};
use tower_layer::Layer;
use tower_service::Service;

const HOUR: Duration = Duration::from_secs(3600);
const TICK: Duration = Duration::from_millis(5);

#[derive(Debug, PartialEq)]
struct Broken(usize);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {} broke", self.0)
    }
}

impl Error for Broken {}

type Answer = BoxFuture<'static, Result<usize, Broken>>;

/// A service of a closure that gets the number of the request.
struct Numbered<F> {
    count: Arc<AtomicUsize>,
    answer: F,
}

impl<F> Numbered<F> {
    fn new(answer: F) -> (Self, Arc<AtomicUsize>) {
        let count = Arc::<AtomicUsize>::default();
        let service = Self {
            count: count.clone(),
            answer,
        };
        (service, count)
    }
}

impl<F: Clone> Clone for Numbered<F> {
    fn clone(&self) -> Self {
        Self {
            count: self.count.clone(),
            answer: self.answer.clone(),
        }
    }
}

impl<F: FnMut(usize) -> Answer> Service<()> for Numbered<F> {
    type Response = usize;
    type Error = Broken;
    type Future = Answer;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: ()) -> Answer {
        (self.answer)(self.count.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

fn at_once(number: usize) -> Answer {
    Box::pin(async move { Ok(number) })
}

async fn ask<S: Service<()>>(service: &mut S) -> Result<S::Response, S::Error> {
    poll_fn(|cx| service.poll_ready(cx)).await?;
    service.call(()).await
}

async fn a_timeout_ends_what_is_late_and_nothing_else<R: Runtime>(rt: R) {
    let timer = rt.clone();
    let (service, _) = Numbered::new(move |number| -> Answer {
        let sleep = timer.sleep(if number == 2 { HOUR } else { Duration::ZERO });
        Box::pin(async move {
            sleep.await;
            if number == 3 {
                Err(Broken(3))
            } else {
                Ok(number)
            }
        })
    });
    let mut service = TimeoutLayer::new(&rt, Duration::from_secs(60)).layer(service.clone());
    assert_eq!(ask(&mut service).await.unwrap(), 1);
    let mut short = TimeoutLayer::new(&rt, TICK).layer(service.clone());
    let error = ask(&mut short).await.unwrap_err();
    assert!(error.is::<Elapsed>(), "{error}");
    let error = ask(&mut service).await.unwrap_err();
    assert_eq!(*error.downcast::<Broken>().unwrap(), Broken(3));
}

async fn a_retry_pauses_and_gives_up_after_its_attempts<R: Runtime>(rt: R) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let (timer, noted) = (rt.clone(), times.clone());
    let (service, count) = Numbered::new(move |number| -> Answer {
        noted.lock().unwrap().push(timer.now());
        Box::pin(async move {
            if number < 4 {
                Err(Broken(number))
            } else {
                Ok(number)
            }
        })
    });
    let backoff = Backoff::exponential(TICK);
    let layer = RetryLayer::new(&rt, backoff.clone().attempts(3));
    assert_eq!(ask(&mut layer.layer(service.clone())).await, Err(Broken(3)));
    let pauses: Vec<_> = times
        .lock()
        .unwrap()
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(pauses[0] >= TICK && pauses[1] >= 2 * TICK, "{pauses:?}");
    count.store(0, Ordering::SeqCst);
    let layer = RetryLayer::new(&rt, backoff.attempts(9));
    assert_eq!(ask(&mut layer.layer(service.clone())).await, Ok(4));
    // An answer may also be asked for again, and an error not.
    count.store(0, Ordering::SeqCst);
    let mut service = RetryLayer::new(&rt, Backoff::constant(TICK).attempts(9))
        .when(|answer: &Result<usize, Broken>| matches!(answer, Ok(number) if *number < 6))
        .layer(service);
    assert_eq!(ask(&mut service).await, Err(Broken(1)));
    count.store(3, Ordering::SeqCst);
    assert_eq!(ask(&mut service).await, Ok(6));
}

async fn a_rate_limit_lets_so_many_through_per_period<R: Runtime>(rt: R) {
    let (service, _) = Numbered::new(at_once);
    let period = 4 * TICK;
    let mut service = RateLimitLayer::new(&rt, 3, period).layer(service);
    let begun = rt.now();
    for number in 1..=10_usize {
        assert_eq!(ask(&mut service).await, Ok(number));
        // Three come in a period at most. On a busy machine a period is over before they have come, and the next one brings three
        // more at once. So only the time since the first request tells.
        let periods = (number as u32 - 1) / 3;
        assert!(rt.now() - begun >= periods * period);
    }
}

async fn a_buffer_is_shared_and_keeps_its_order<R: Runtime>(rt: R) {
    let (service, count) = Numbered::new(at_once);
    let service = BufferLayer::new(&rt, 4).layer(service);
    let tasks = (0..100).map(|_| {
        let mut service = service.clone();
        rt.spawn(async move { ask(&mut service).await.unwrap() })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut numbers: Vec<_> = join_all(tasks)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=100));
    assert_eq!(count.load(Ordering::SeqCst), 100);
}

/// A service that is ready when it is let.
struct Gate {
    open: oneshot::Receiver<Result<(), Broken>>,
    is_open: bool,
    _gone: oneshot::Sender<()>,
}

impl Gate {
    fn new() -> (
        Self,
        oneshot::Sender<Result<(), Broken>>,
        oneshot::Receiver<()>,
    ) {
        let (opener, open) = oneshot::channel();
        let (gone, is_gone) = oneshot::channel();
        let gate = Self {
            open,
            is_open: false,
            _gone: gone,
        };
        (gate, opener, is_gone)
    }
}

impl Service<()> for Gate {
    type Response = usize;
    type Error = Broken;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if self.is_open {
            return Poll::Ready(Ok(()));
        }
        std::pin::Pin::new(&mut self.open).poll(cx).map(|opened| {
            opened.unwrap_or(Ok(()))?;
            self.is_open = true;
            Ok(())
        })
    }

    fn call(&mut self, _request: ()) -> Answer {
        at_once(1)
    }
}

async fn a_full_buffer_is_not_ready_and_ends_with_its_last_clone<R: Runtime>(rt: R) {
    let (gate, opener, is_gone) = Gate::new();
    let mut service = BufferLayer::new(&rt, 2).layer(gate);
    let mut other = service.clone();
    // The first one keeps the task at the gate. The second holds its place until its turn comes, also now that nobody waits for it.
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    let first = service.call(());
    poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
    drop(service.call(()));
    let third = poll_fn(|cx| Poll::Ready(other.poll_ready(cx))).await;
    assert!(third.is_pending());
    opener.send(Ok(())).unwrap();
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(ask(&mut other).await.unwrap(), 1);
    // The task ends with the last clone, and the service with it.
    drop((service, other));
    is_gone.await.unwrap_err();
}

async fn load_is_shed_behind_a_full_buffer<R: Runtime>(rt: R) {
    let (gate, opener, _) = Gate::new();
    let buffer = BufferLayer::new(&rt, 1).layer(gate);
    let mut service = LoadShedLayer::new().layer(buffer);
    let mut waiting = Vec::new();
    let shed = loop {
        poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
        let mut answer = service.call(());
        match futures::poll!(&mut answer) {
            Poll::Pending => waiting.push(answer),
            Poll::Ready(answer) => break answer,
        }
    };
    assert!(shed.unwrap_err().is::<Overloaded>());
    assert_eq!(waiting.len(), 1);
    opener.send(Ok(())).unwrap();
    for answer in waiting {
        assert_eq!(answer.await.unwrap(), 1);
    }
    assert_eq!(ask(&mut service).await.unwrap(), 1);
}

async fn a_failure_of_the_service_reaches_every_request<R: Runtime>(rt: R) {
    let (gate, opener, _) = Gate::new();
    let mut service = BufferLayer::new(&rt, 2).layer(gate);
    let mut answers = Vec::new();
    for _ in 0..2 {
        poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
        answers.push(service.call(()));
    }
    let mut waits = service.clone();
    let waits = rt.spawn(async move { ask(&mut waits).await });
    opener.send(Err(Broken(0))).unwrap();
    let mut errors: Vec<BoxError> = Vec::new();
    for answer in answers {
        errors.push(answer.await.unwrap_err());
    }
    errors.push(waits.await.unwrap().unwrap_err());
    errors.push(ask(&mut service).await.unwrap_err());
    for error in errors {
        let error = error.downcast::<ServiceError>().unwrap();
        assert!(!error.is_gone());
        assert_eq!(error.source().unwrap().downcast_ref(), Some(&Broken(0)));
    }
}

async fn a_panic_of_the_service_reaches_every_request<R: Runtime>(rt: R) {
    let (service, _) = Numbered::new(|_| panic!("this panic is part of the test"));
    let mut service = BufferLayer::new(&rt, 2).layer(service);
    for _ in 0..2 {
        let error = ask(&mut service).await.unwrap_err();
        assert!(error.downcast::<ServiceError>().unwrap().is_gone());
    }
}

on_each_runtime!(
    a_timeout_ends_what_is_late_and_nothing_else,
    a_retry_pauses_and_gives_up_after_its_attempts,
    a_rate_limit_lets_so_many_through_per_period,
    a_buffer_is_shared_and_keeps_its_order,
    a_full_buffer_is_not_ready_and_ends_with_its_last_clone,
    load_is_shed_behind_a_full_buffer,
    a_failure_of_the_service_reaches_every_request,
    a_panic_of_the_service_reaches_every_request,
);

/// So much virtual time has passed, and what the polls themselves took.
#[track_caller]
fn assert_after<R: Runtime>(rt: &R, begun: Instant, expected: Duration) {
    let passed = rt.now() - begun;
    assert!(
        passed >= expected && passed - expected < Duration::from_millis(1),
        "{passed:?} instead of {expected:?}"
    );
}

async fn times_are_exact<R: Runtime>(rt: R) {
    let begun = rt.now();
    let (service, _) = Numbered::new(at_once);
    let mut service = RateLimitLayer::new(&rt, 2, HOUR).layer(service);
    for number in 1..=7_usize {
        assert_eq!(ask(&mut service).await, Ok(number));
        assert_after(&rt, begun, (number as u32 - 1) / 2 * HOUR);
    }

    let begun = rt.now();
    let (service, _) =
        Numbered::new(|number| -> Answer { Box::pin(async move { Err(Broken(number)) }) });
    let layer = RetryLayer::new(&rt, Backoff::exponential(HOUR).attempts(4));
    assert_eq!(ask(&mut layer.layer(service)).await, Err(Broken(4)));
    assert_after(&rt, begun, 7 * HOUR);

    let begun = rt.now();
    let (service, _) = Numbered::new(|_| -> Answer { Box::pin(std::future::pending()) });
    let mut service = TimeoutLayer::new(&rt, HOUR).layer(service);
    assert!(ask(&mut service).await.unwrap_err().is::<Elapsed>());
    assert_after(&rt, begun, HOUR);
}

on_simulation!(
    times_are_exact,
    a_buffer_is_shared_and_keeps_its_order,
    a_full_buffer_is_not_ready_and_ends_with_its_last_clone,
    load_is_shed_behind_a_full_buffer,
    a_failure_of_the_service_reaches_every_request,
);
