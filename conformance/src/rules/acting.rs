//! Wakers that use the timers while they are woken or dropped.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use anyrt_core::{Instant, Sleep, Timer};

use crate::kit::Count;
use crate::{Local, Shared};

const HOUR: Duration = Duration::from_secs(3600);

/// What a waker does, once.
type Act = Box<dyn FnOnce() + Send>;

/// A handle whose timers a waker can use, which must be `Send`.
pub(super) trait Timers: Timer<Sleep: Unpin> + Clone {
    /// Drops `dropped`, moves `moved`, and arms and drops a third sleep.
    fn act(&self, dropped: Self::Sleep, moved: Self::Sleep) -> Act;

    /// Lets go of what acts did not use.
    fn forget_acts() {}
}

impl Timers for Shared {
    fn act(&self, dropped: Self::Sleep, moved: Self::Sleep) -> Act {
        let timers = self.clone();
        Box::new(move || use_timers(&timers, dropped, moved))
    }
}

/// What an act of a local runtime uses.
type Kept = Option<(Local, <Local as Timer>::Sleep, <Local as Timer>::Sleep)>;

thread_local! {
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

impl Timers for Local {
    /// On another thread than this it does nothing.
    fn act(&self, dropped: Self::Sleep, moved: Self::Sleep) -> Act {
        let kept = (self.clone(), dropped, moved);
        let index = KEPT.with_borrow_mut(|it| {
            it.push(Some(kept));
            it.len() - 1
        });
        Box::new(move || {
            let kept = KEPT.with_borrow_mut(|it| it.get_mut(index).and_then(Option::take));
            if let Some((timers, dropped, moved)) = kept {
                use_timers(&timers, dropped, moved);
            }
        })
    }

    fn forget_acts() {
        drop(KEPT.take());
    }
}

fn use_timers<R: Timers>(timers: &R, dropped: R::Sleep, mut moved: R::Sleep) {
    drop(dropped);
    Pin::new(&mut moved).reset(timers.now() + HOUR);
    let is_armed = arm(&mut timers.sleep(HOUR), Waker::noop());
    assert!(is_armed, "a sleep of an hour is ready");
}

/// Polls a sleep: whether it is pending.
pub(super) fn arm<S: Sleep + Unpin>(sleep: &mut S, waker: &Waker) -> bool {
    let mut cx = Context::from_waker(waker);
    Pin::new(sleep).poll(&mut cx).is_pending()
}

/// When a waker acts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Woken,
    Dropped,
}

/// A waker that uses the timers, once.
pub(super) struct Acting {
    when: When,
    act: Mutex<Option<Act>>,
    acts: Count,
}

impl Acting {
    /// A waker that uses two sleeps of `deadline`, unless that has passed meanwhile, and counts that it did.
    pub(super) fn waker<R: Timers>(
        timers: &R,
        deadline: Instant,
        when: When,
        acts: &Count,
    ) -> Option<Waker> {
        let mut sleeps = [(); 2].map(|()| timers.sleep_until(deadline));
        let are_armed = sleeps.iter_mut().all(|it| arm(it, Waker::noop()));
        let [dropped, moved] = sleeps;
        are_armed.then(|| {
            let act = Mutex::new(Some(timers.act(dropped, moved)));
            let acts = acts.clone();
            Waker::from(Arc::new(Self { when, act, acts }))
        })
    }

    fn comes_to(&self, when: When) {
        if when != self.when {
            return;
        }
        // Not under the lock.
        let act = self.act.lock().expect("no panic").take();
        if let Some(act) = act {
            act();
            self.acts.add();
        }
    }
}

impl Wake for Acting {
    fn wake(self: Arc<Self>) {
        self.comes_to(When::Woken);
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        self.comes_to(When::Dropped);
    }
}
