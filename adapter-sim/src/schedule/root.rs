//! A `block_on`: its future takes part in the draw as the others do, but stays on the stack of its caller.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::TaskId;
use crate::context;
use crate::report::failure::Failure;
use crate::report::fault::Fault;
use crate::report::label::Label;
use crate::report::panics::caught;
use crate::schedule::drive::{Drove, Role, wait_while};
use crate::schedule::entry::Kind;
use crate::schedule::roots::PollRoot;
use crate::schedule::shared::{Shared, this_thread};
use crate::schedule::step::Goal;
use crate::task::job::End;

/// How a `block_on` ended that has no output.
pub(crate) enum Ended {
    Failed(Failure),
    Panicked(Box<dyn Any + Send>, Failure),
}

/// Runs `future` as a root until it is ready.
///
/// # Panics
///
/// On another thread than the home thread, unless `allow_external` permits it.
#[track_caller]
pub(crate) fn run_root<F: Future>(
    shared: &Arc<Shared>,
    future: F,
    location: &'static Location<'static>,
) -> Result<F::Output, Ended> {
    let home = shared.is_home();
    assert!(
        home || shared.settings.external,
        "`block_on` of a simulation on another thread than the one that built it: no seed can replay what threads do; \
         `Builder::allow_external` permits it"
    );
    let _context = context::enter(Arc::clone(shared));
    let mut output = None;
    {
        let mut future = pin!(future);
        let mut poll = |cx: &mut Context<'_>| {
            // The panic is passed on as soon as the simulation is in order again, so nothing looks at the future before.
            let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
            let (value, end) = match polled {
                Ok(Poll::Pending) => return None,
                Ok(Poll::Ready(value)) => (Ok(value), End::Value),
                Err(payload) => {
                    let text = caught(payload.as_ref());
                    (Err((payload, text.clone())), End::Panic(text))
                }
            };
            output = Some(value);
            Some(end)
        };
        let root = Root::new(shared, location);
        root.run(&mut poll).map_err(Ended::Failed)?;
    }
    match output {
        Some(Ok(value)) => Ok(value),
        Some(Err((payload, text))) => {
            let fault = Fault::Panic(location, text);
            let failure = shared.failure(&fault);
            Err(Ended::Panicked(payload, failure))
        }
        None => unreachable!("a root ends with an outcome"),
    }
}

/// The entry of a `block_on`'s future, which is removed when that ends, however it ends.
struct Root<'a> {
    shared: &'a Arc<Shared>,
    task: TaskId,
    waker: Waker,
}

impl<'a> Root<'a> {
    fn new(shared: &'a Arc<Shared>, location: &'static Location<'static>) -> Self {
        // A nested one belongs to the group and the host of the task that it is called from.
        let label = Label {
            name: None,
            ..shared.running_label()
        };
        let mut state = shared.lock();
        let mut waker = None;
        let task = state.insert(Kind::Root(this_thread()), label, location, None, |task| {
            waker.insert(shared.waker(task)).clone()
        });
        shared.notify(&state);
        drop(state);
        let waker = waker.expect("insert asks for the waker");
        Self {
            shared,
            task,
            waker,
        }
    }

    fn run(&self, poll: PollRoot<'_>) -> Result<(), Failure> {
        if self.shared.is_home() {
            let role = Role::wait(self.shared, Some(self.task));
            return role.drive(Goal::Root, Some(self.task), poll).map(|_| ());
        }
        loop {
            if let Some(role) = Role::try_take(self.shared, Some(self.task)) {
                if let Drove::End = role.drive(Goal::Root, Some(self.task), poll)? {
                    return Ok(());
                }
            } else if self.run_elsewhere(poll) {
                return Ok(());
            }
        }
    }

    /// Waits until the thread that drives lets the root be polled, or until nobody drives; tells whether the root ended.
    fn run_elsewhere(&self, poll: PollRoot<'_>) -> bool {
        let state = self.shared.lock();
        let state = wait_while(self.shared, state, |state| {
            !state.is_granted(self.task) && (state.driver.is_some() || state.home_waits)
        });
        if !state.is_granted(self.task) {
            return false;
        }
        drop(state);
        let end = poll(&mut Context::from_waker(&self.waker));
        let ended = end.is_some();
        let mut state = self.shared.lock();
        state.returned();
        let leftover = state.after_poll(&self.shared.settings, self.task, end, None);
        self.shared.notify(&state);
        drop(state);
        drop(leftover);
        ended
    }
}

impl Drop for Root<'_> {
    fn drop(&mut self) {
        let entry = self.shared.lock().remove(self.task);
        drop(entry);
    }
}
