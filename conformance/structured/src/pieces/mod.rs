//! The pieces of `anyrt-structured`, as the rules get them: the real ones, or with one flaw.
//!
//! A mutant of a runtime breaks the [`Layer`](crate::Layer) below. What a group, a token or a scope adds on top is code of
//! its own, so a mutant of theirs breaks the piece: every type here holds the real one and passes each call on, and where the
//! backend [was extended](crate::Backend::extended) with a flaw, it does the one thing wrong that the [`Flaw`] says: its row is beside the code that asks for it. A rule asks its
//! runtime for them by [`structured`](OnRuntime::structured), and so tests the real crate on every backend.
//!
//! What matters about a piece is also when it drops what it holds. So where a rule is about that, the real future is returned
//! as it is, and a flaw lies in the future or closure that is passed in.

mod budget;
mod delay;
mod entrant;
mod for_each;
mod group;
mod local_value;
mod lock;
mod map;
mod named;
mod pinned;
mod retry;
mod scope;
mod select;
mod semaphore;
mod set;
mod token;
mod tracker;

pub(crate) use pinned::OnPool;
pub(crate) use retry::Pauses;
pub(crate) use semaphore::Semaphore;
pub(crate) use token::Token;

use crate::{Mutant, Started};

/// What is wrong with one piece: the name of the mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flaw(&'static str);

/// Every mutant of the pieces.
pub(crate) fn mutants() -> Vec<Mutant> {
    [
        budget::mutants(),
        delay::mutants(),
        for_each::mutants(),
        group::mutants(),
        local_value::mutants(),
        map::mutants(),
        named::mutants(),
        pinned::mutants(),
        retry::mutants(),
        scope::mutants(),
        select::mutants(),
        semaphore::mutants(),
        set::mutants(),
        token::mutants(),
        tracker::mutants(),
    ]
    .concat()
}

/// Makes the pieces for one runtime; `H` is its handle.
#[derive(Clone, Debug)]
pub(crate) struct Structured<H> {
    runtime: H,
    flaw: Option<Flaw>,
}

/// What a started runtime has beside its handle here.
pub(crate) trait OnRuntime<H> {
    /// The pieces of `anyrt-structured`, on this runtime.
    fn structured(&self) -> Structured<H>;
}

impl<H: Clone> OnRuntime<H> for Started<H> {
    fn structured(&self) -> Structured<H> {
        Structured {
            runtime: self.handle(),
            flaw: self.backend().extension().copied(),
        }
    }
}
