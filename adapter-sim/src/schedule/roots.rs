//! The roots of the calling thread: the futures of every `block_on` on its stack.
//!
//! A root stays on the stack of its caller. A task that it waits for may drive the simulation itself (`block_on` or
//! `Sim::advance` in a task or a closure); that inner loop draws the outer root like any other task, and finds it here.

use std::cell::{Cell, RefCell};
use std::task::Context;

use scoped_tls_hkt::scoped_thread_local;

use crate::TaskId;
use crate::task::job::End;

/// Polls the root of a loop; how it ended, once it has.
pub(crate) type PollRoot<'a> = &'a mut (dyn FnMut(&mut Context<'_>) -> Option<End> + 'a);

scoped_thread_local!(static INNERMOST: for<'a> &'a (dyn Roots + 'a));

/// A loop on the stack, and those that it is nested in.
pub(crate) trait Roots {
    /// Polls the root of one of the loops. `None` when none of them has that root.
    fn poll(&self, root: Root, cx: &mut Context<'_>) -> Option<Option<End>>;

    /// How many loops there are.
    fn depth(&self) -> usize;
}

/// Which root: the number of its simulation, and its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) simulation: u64,
    pub(crate) task: TaskId,
}

pub(crate) struct Frame<'a> {
    root: Option<Root>,
    poll: RefCell<PollRoot<'a>>,
    ended: Cell<bool>,
    outer: Option<&'a dyn Roots>,
}

impl Frame<'_> {
    /// Tells whether the root has ended, by whichever loop it was polled.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended.get()
    }
}

impl Roots for Frame<'_> {
    fn poll(&self, root: Root, cx: &mut Context<'_>) -> Option<Option<End>> {
        if self.root != Some(root) {
            return self.outer?.poll(root, cx);
        }
        // A root that is being polled is not drawn, so it is borrowed once at a time.
        let end = (self.poll.borrow_mut())(cx);
        self.ended.set(end.is_some());
        Some(end)
    }

    fn depth(&self) -> usize {
        1 + self.outer.map_or(0, Roots::depth)
    }
}

/// Runs a loop with `root` within reach of the loops that are nested in it.
pub(crate) fn enter<T>(
    root: Option<Root>,
    poll: PollRoot<'_>,
    run: impl FnOnce(&Frame<'_>) -> T,
) -> T {
    let enter = |outer: Option<&dyn Roots>| {
        let frame = Frame {
            root,
            poll: RefCell::new(poll),
            ended: Cell::new(false),
            outer,
        };
        INNERMOST.set(&frame, || run(&frame))
    };
    if INNERMOST.is_set() {
        INNERMOST.with(|outer| enter(Some(outer)))
    } else {
        enter(None)
    }
}
