//! Work that travels in a box and comes back in it as its own output.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

/// A future or a closure whose type is forgotten, and which keeps its output until it is taken.
pub(super) trait Packet: Send {
    /// Polls the work; once it is ready its captures are gone and the packet holds the output.
    fn poll_run(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;

    /// Moves the output into `slot`, an `Option` of the output's type.
    fn take_into(self: Pin<&mut Self>, slot: &mut dyn Any);
}

pub(super) type BoxPacket = Pin<Box<dyn Packet>>;

/// Drives a packet, and returns it when it is done.
pub(super) struct Deliver(Option<BoxPacket>);

impl Deliver {
    pub(super) fn new(packet: BoxPacket) -> Self {
        Self(Some(packet))
    }
}

impl Future for Deliver {
    type Output = BoxPacket;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BoxPacket> {
        let packet = self.0.as_mut().expect("not polled after it was ready");
        ready!(packet.as_mut().poll_run(cx));
        Poll::Ready(self.0.take().expect("polled just now"))
    }
}

pin_project! {
    #[project = FutureProj]
    pub(super) enum FuturePacket<F>
    where
        F: Future,
    {
        Running { #[pin] future: F },
        Done { output: Option<F::Output> },
    }
}

impl<F: Future> FuturePacket<F> {
    pub(super) fn new(future: F) -> Self {
        Self::Running { future }
    }
}

impl<F> Packet for FuturePacket<F>
where
    F: Future + Send,
    F::Output: Send + 'static,
{
    fn poll_run(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let FutureProj::Running { future } = self.as_mut().project() {
            let output = Some(ready!(future.poll(cx)));
            // Drops the future: its captures are gone before the task's output is published.
            self.set(Self::Done { output });
        }
        Poll::Ready(())
    }

    fn take_into(self: Pin<&mut Self>, slot: &mut dyn Any) {
        if let FutureProj::Done { output } = self.project() {
            put(slot, output.take());
        }
    }
}

/// `None` once it ran.
pub(super) enum ClosurePacket<C, T> {
    Waiting(Option<C>),
    Done(Option<T>),
}

// Nothing in a closure's packet is ever pinned.
impl<C, T> Unpin for ClosurePacket<C, T> {}

impl<C, T> ClosurePacket<C, T> {
    pub(super) fn new(work: C) -> Self {
        Self::Waiting(Some(work))
    }
}

impl<C, T> Packet for ClosurePacket<C, T>
where
    C: FnOnce() -> T + Send,
    T: Send + 'static,
{
    fn poll_run(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if let Self::Waiting(work) = &mut *self {
            let work = work.take().expect("a closure is run once");
            *self = Self::Done(Some(work()));
        }
        Poll::Ready(())
    }

    fn take_into(mut self: Pin<&mut Self>, slot: &mut dyn Any) {
        if let Self::Done(output) = &mut *self {
            put(slot, output.take());
        }
    }
}

fn put<T: 'static>(slot: &mut dyn Any, output: Option<T>) {
    let slot: &mut Option<T> = slot
        .downcast_mut()
        .expect("a handle asks for the type that its spawn stored");
    *slot = output;
}
