//! The runtime that a program started by itself, with `compio_runtime::Runtime::block_on` or `#[compio::main]`.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Waker;

use anyrt_core::{Launch, ShareTimer};
use compio_runtime::Runtime;

use crate::driver::as_tick;
use crate::{Driver, Local, LocalHandle};

thread_local! {
    /// The handles to the runtimes of this thread that were asked for, by their wakers.
    static AROUND: RefCell<Vec<(Waker, LocalHandle)>> = const { RefCell::new(Vec::new()) };
}

/// The handle to the compio runtime that the caller runs in. The first call starts a task of compio's, in which the handle's tasks
/// run.
pub(crate) fn around() -> Option<LocalHandle> {
    let runtime = Runtime::try_current()?;
    let waker = runtime.waker();
    let found = AROUND.try_with(|all| {
        let all = all.borrow();
        let mut known = all.iter().filter(|(_, handle)| !handle.is_gone());
        known
            .find(|(it, _)| it.will_wake(&waker))
            .map(|(_, handle)| handle.clone())
    });
    // Without its locals the thread is ending.
    if let Some(handle) = found.ok()? {
        return Some(handle);
    }
    let local = Local::with_driver(Driver::around(waker.clone()));
    let handle = local.handle();
    // For sleeps that are polled outside of the runtime, where nothing leads to it.
    drop(handle.shared_timer());
    runtime.spawn(run(local)).detach();
    let gone = AROUND.with(|all| {
        let mut all = all.borrow_mut();
        let gone: Vec<_> = all.extract_if(.., |(_, it)| it.is_gone()).collect();
        all.push((waker, handle.clone()));
        gone
    });
    drop(gone);
    Some(handle)
}

/// A task of compio's own.
async fn run(local: Local) {
    let mut tasks = pin!(local.run_forever());
    let ended = poll_fn(|cx| as_tick(|| tasks.as_mut().poll(cx)));
    match ended.await {}
}
