use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use anyrt_core::JoinError;

use crate::Joinable;
use crate::slot::Slot;

/// The slot of a task, on which one caller at a time works, while no lock is held.
///
/// async-task wakes, clones and drops the joiner's waker where it is polled and where it is asked to cancel. A waker is a stranger's
/// code, which may come back here. Who finds the slot taken leaves a note, and goes; who took it reads that when it puts the slot back.
pub(crate) struct Desk<J: Joinable> {
    state: Mutex<State<J>>,
    cancel: fn(J) -> J::Cancel,
}

struct State<J: Joinable> {
    /// `None` while somebody works on it.
    slot: Option<Slot<J>>,
    notes: Notes,
    /// The end was seen. It is the answer while somebody works on the slot.
    is_over: bool,
    /// The join handle was dropped.
    is_detached: bool,
}

/// What came while somebody worked on the slot.
#[derive(Default)]
struct Notes {
    abort: bool,
    /// Somebody who comes back when called wants to look.
    look: bool,
    /// The joiner polled. In a box, because it is rare.
    joiner: Option<Box<Waker>>,
}

/// Whether somebody wanted to [look](Desk::look) while the caller worked on the slot. The caller must tell it.
pub(crate) type Calls = bool;

impl<J: Joinable> Desk<J> {
    pub(crate) fn new(slot: Slot<J>, cancel: fn(J) -> J::Cancel) -> Self {
        let is_over = matches!(slot, Slot::Dead | Slot::Joined);
        Self {
            state: Mutex::new(State {
                slot: Some(slot),
                notes: Notes::default(),
                is_over,
                is_detached: false,
            }),
            cancel,
        }
    }

    pub(crate) fn poll_join(
        &self,
        cx: &mut Context<'_>,
    ) -> (Poll<Result<J::Output, JoinError>>, Calls) {
        let work = |slot: &mut Slot<J>| slot.poll_join(cx);
        let (end, calls) = match self.turn(work) {
            Some(end) => end,
            // Whoever works on it wakes this one.
            None if self.note_joiner(cx.waker()) => return (Poll::Pending, false),
            None => return self.poll_join(cx),
        };
        if end.is_ready() {
            self.lock().is_over = true;
        }
        (end, calls)
    }

    /// [`poll_join`](Self::poll_join) where the join handle alone has a part in it. Who polls that through it cannot come back.
    #[inline]
    pub(crate) fn poll_own(&mut self, cx: &mut Context<'_>) -> Poll<Result<J::Output, JoinError>> {
        let (slot, is_over) = self.own();
        let end = slot.poll_join(cx);
        *is_over |= end.is_ready();
        end
    }

    /// [`abort`](Self::abort) where the join handle alone has a part in it.
    #[inline]
    pub(crate) fn abort_own(&mut self) {
        let cancel = self.cancel;
        self.own().0.abort(cancel);
    }

    fn own(&mut self) -> (&mut Slot<J>, &mut bool) {
        let state = self.state.get_mut();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        match &mut state.slot {
            Some(slot) => (slot, &mut state.is_over),
            None => unreachable!("nobody else can work on it"),
        }
    }

    /// Whether the end was seen.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().is_over
    }

    /// While somebody works on the slot, what was seen last.
    pub(crate) fn is_finished(&self) -> (bool, Calls) {
        let Some((is_over, calls)) = self.turn(|slot| slot.is_finished()) else {
            return (self.is_over(), false);
        };
        if is_over {
            self.lock().is_over = true;
        }
        (is_over, calls)
    }

    /// Notes that the join handle was dropped.
    pub(crate) fn set_detached(&self) {
        self.lock().is_detached = true;
    }

    pub(crate) fn is_detached(&self) -> bool {
        self.lock().is_detached
    }

    /// Asks for the abort, now or when whoever works on the slot has done so.
    pub(crate) fn abort(&self) -> Calls {
        loop {
            if let Some(((), calls)) = self.turn(|slot| slot.abort(self.cancel)) {
                return calls;
            }
            if self.note(|notes| notes.abort = true) {
                return false;
            }
        }
    }

    /// Works on the slot, for somebody who comes back when called: `None` means that one who works on it will call.
    pub(crate) fn look<T>(
        &self,
        mut work: impl FnMut(&mut Slot<J>, fn(J) -> J::Cancel) -> T,
    ) -> Option<(T, Calls)> {
        loop {
            let done = self.turn(|slot| work(slot, self.cancel));
            if done.is_some() || self.note(|notes| notes.look = true) {
                return done;
            }
        }
    }

    /// Lets the task run on. Nobody else has a part in it.
    pub(crate) fn detach(&self) {
        let slot = self.lock().slot.replace(Slot::Joined);
        if let Some(mut slot) = slot {
            slot.detach();
        }
    }

    /// Works on the slot, unless somebody does.
    fn turn<T>(&self, work: impl FnOnce(&mut Slot<J>) -> T) -> Option<(T, Calls)> {
        let slot = self.lock().slot.take()?;
        let mut turn = Turn {
            desk: self,
            slot: Some(slot),
        };
        let done = work(turn.slot());
        Some((done, turn.end()))
    }

    /// Leaves a note for who works on the slot, and tells whether somebody does.
    fn note(&self, note: impl FnOnce(&mut Notes)) -> bool {
        let mut state = self.lock();
        let is_taken = state.slot.is_none();
        if is_taken {
            note(&mut state.notes);
        }
        is_taken
    }

    fn note_joiner(&self, joiner: &Waker) -> bool {
        let mut joiner = Some(Box::new(joiner.clone()));
        // What is left in it is dropped without the lock.
        self.note(|notes| std::mem::swap(&mut notes.joiner, &mut joiner))
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the slot back, also where a waker panics.
struct Turn<'a, J: Joinable> {
    desk: &'a Desk<J>,
    slot: Option<Slot<J>>,
}

impl<J: Joinable> Turn<'_, J> {
    fn slot(&mut self) -> &mut Slot<J> {
        match &mut self.slot {
            Some(slot) => slot,
            None => unreachable!("it is put back at the end of the turn"),
        }
    }

    /// Does what was noted meanwhile.
    fn end(mut self) -> Calls {
        loop {
            let mut state = self.desk.lock();
            if take(&mut state.notes.abort) {
                drop(state);
                let cancel = self.desk.cancel;
                self.slot().abort(cancel);
                continue;
            }
            state.slot = self.slot.take();
            let notes = take(&mut state.notes);
            drop(state);
            if let Some(joiner) = notes.joiner {
                joiner.wake();
            }
            return notes.look;
        }
    }
}

impl<J: Joinable> Drop for Turn<'_, J> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.desk.lock().slot = Some(slot);
        }
    }
}
