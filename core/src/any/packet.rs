//! Work that travels in a box and comes back in it as its own output.

use alloc::boxed::Box;
use core::any::Any;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::current::{Enter, Entered};

/// A future or a closure whose type is forgotten, and which keeps its output until it is taken.
pub(super) trait Packet {
    /// Polls the work; once it is ready its captures are gone and the packet holds the output.
    fn poll_run(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;

    /// Moves the output into `slot`, an `Option` of the output's type.
    fn take_into(self: Pin<&mut Self>, slot: &mut dyn Any);
}

pub(super) type BoxPacket = Pin<Box<dyn Packet + Send>>;
pub(super) type LocalBoxPacket = Pin<Box<dyn Packet>>;

/// Drives a packet with its runtime as the current one, and returns it when it is done.
pub(super) struct Deliver<P: ?Sized, R: Enter> {
    /// `None` once it was returned.
    packet: Option<Pin<Box<P>>>,
    /// `None` while it is the current one.
    runtime: Option<R>,
}

impl<P: ?Sized, R: Enter> Deliver<P, R> {
    #[inline]
    pub(super) fn new(packet: Pin<Box<P>>, runtime: R) -> Self {
        Self {
            packet: Some(packet),
            runtime: Some(runtime),
        }
    }
}

// The packet is pinned in its box, and a runtime is never pinned.
impl<P: ?Sized, R: Enter> Unpin for Deliver<P, R> {}

impl<P: Packet + ?Sized, R: Enter> Deliver<P, R> {
    /// Runs a closure's packet with its runtime as the current one.
    #[inline]
    pub(super) fn run(mut self) -> Pin<Box<P>> {
        let packet = self.packet.take().expect("a closure is run once");
        let _entered = Entered::new(&mut self.runtime);
        run_closure(packet)
    }
}

/// Runs a closure's packet, which is ready at its first poll and never looks at the waker.
#[inline]
pub(super) fn run_closure<P: Packet + ?Sized>(mut packet: Pin<Box<P>>) -> Pin<Box<P>> {
    let ran = packet
        .as_mut()
        .poll_run(&mut Context::from_waker(Waker::noop()));
    debug_assert!(ran.is_ready());
    packet
}

impl<P: Packet + ?Sized, R: Enter> Future for Deliver<P, R> {
    type Output = Pin<Box<P>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let packet = this.packet.as_mut().expect("not polled after it was ready");
        let entered = Entered::new(&mut this.runtime);
        ready!(packet.as_mut().poll_run(cx));
        drop(entered);
        Poll::Ready(this.packet.take().expect("polled just now"))
    }
}

impl<P: ?Sized, R: Enter> Drop for Deliver<P, R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(packet) = self.packet.take() {
            // A destructor finds its runtime, too.
            let _entered = Entered::new(&mut self.runtime);
            drop(packet);
        }
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
    F: Future,
    F::Output: 'static,
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
    C: FnOnce() -> T,
    T: 'static,
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
