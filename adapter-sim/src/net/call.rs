//! How a socket's operation reaches the network: under the simulation's lock, with wakers called after it.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Pending;
use super::Wire;
use super::wire::Moment;
use super::wire::line::Event;
use crate::TaskId;
use crate::host_id::HostId;
use crate::report::fault::Fault;
use crate::schedule::shared::{Shared, this_thread};
use crate::schedule::state::State;
use crate::schedule::wait::Wait;

/// Does something to the network on behalf of the task that runs.
pub(super) fn act<T>(shared: &Shared, act: impl FnOnce(&mut Wire, &mut Moment) -> T) -> T {
    act_as(shared, true, act)
}

/// Does something to the network that no program on it does: a fault, or what a system does. No task has sent what is sent.
pub(super) fn act_from_outside<T>(
    shared: &Shared,
    act: impl FnOnce(&mut Wire, &mut Moment) -> T,
) -> T {
    act_as(shared, false, act)
}

fn act_as<T>(shared: &Shared, for_task: bool, act: impl FnOnce(&mut Wire, &mut Moment) -> T) -> T {
    let (result, moment) = {
        let mut state = shared.lock();
        shared.report_foreign(&mut state, "used a socket");
        let mut moment = Moment::new(state.now);
        state.wire.now = state.now;
        state.wire.record.by = for_task.then(|| running(&state)).flatten();
        let result = act(&mut state.wire, &mut moment);
        state.wire.record.by = None;
        shared.notify(&state);
        (result, moment)
    };
    tell(moment);
    result
}

/// The task that the calling thread polls.
fn running(state: &State) -> Option<TaskId> {
    let drives = state.driver == Some(this_thread());
    drives.then(|| state.running_task()).flatten()
}

/// Polls an operation, which the task's budget is charged for where it is ready. What the operation is given keeps the waker, and
/// `pending` is what a report says of it where it waits.
pub(super) fn poll<T>(
    shared: &Shared,
    cx: &mut Context<'_>,
    pending: Pending,
    poll: impl FnOnce(&mut Wire, &mut Moment, &mut Option<Waker>) -> Poll<T>,
) -> Poll<T> {
    // Cloned before the lock is taken: a waker is somebody else's code.
    let mut waker = Some(cx.waker().clone());
    let (result, moment) = {
        let mut state = shared.lock();
        shared.report_foreign(&mut state, "used a socket");
        let drives = state.driver == Some(this_thread());
        if drives && state.must_give_way() {
            drop(state);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut moment = Moment::new(state.now);
        state.wire.now = state.now;
        state.wire.record.by = drives.then(|| state.running_task()).flatten();
        let result = poll(&mut state.wire, &mut moment, &mut waker);
        state.wire.record.by = None;
        if drives && result.is_pending() {
            state.take_charge_back(Wait::Net(pending));
        }
        shared.notify(&state);
        (result, moment)
    };
    drop(waker);
    tell(moment);
    result
}

/// Begins what a program may try again and again; fails the simulation where it has done so too often.
pub(super) fn attempt<T>(shared: &Shared, act: impl FnOnce(&mut Wire, &mut Moment) -> T) -> T {
    let result = self::act(shared, act);
    check_tries(shared, &mut shared.lock());
    result
}

fn check_tries(shared: &Shared, state: &mut State) {
    let Some((host, what, limit)) = state.wire.take_over_limit() else {
        return;
    };
    let task = running(state).and_then(|task| Some(state.tasks.get(&task)?.named(task)));
    let host_name = state.wire.host_name(host);
    let fault = Fault::Retries {
        task,
        host,
        host_name,
        what,
        limit,
    };
    state.fault.get_or_insert(fault);
    shared.notify(state);
}

/// Counts the answer to a look-up of the task that runs, and notes one that failed.
pub(super) fn note_lookup(shared: &Shared, host: HostId, name: &str, failure: Option<&str>) {
    let mut state = shared.lock();
    state.wire.count_lookup(host, name, failure.is_none());
    let Some(failure) = failure else { return };
    let event = Event {
        at: state.now,
        host,
        task: running(&state),
        text: failure.to_owned(),
        is_pinned: false,
        again: None,
    };
    state.wire.record.repeated_event(event);
    check_tries(shared, &mut state);
}

/// Looks at the network.
pub(super) fn look<T>(shared: &Shared, look: impl FnOnce(&State) -> T) -> T {
    look(&shared.lock())
}

/// What would wait is an error of an operation that must not.
pub(super) fn or_would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

fn tell(moment: Moment) {
    let Moment {
        wakers, unwanted, ..
    } = moment;
    wakers.into_iter().for_each(Waker::wake);
    drop(unwanted);
}

/// A simulation that an event of the network belongs to.
pub(super) type Home = Arc<Shared>;
