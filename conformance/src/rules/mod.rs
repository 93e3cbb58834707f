//! The rules, one file for each family.
//!
//! # To add a rule
//!
//! Write it in the file of its family, inside the `rules!` there:
//!
//! ```text
//! rules! { join
//!
//! /// Dropping the handle of a task detaches the task.        <- the rule: one sentence, present tense
//! ///
//! /// Intent: why anybody should care, and what it leaves open.
//! ///
//! /// If this fails, check what the drop of the adapter's task does.
//! Must fn dropping_the_handle_detaches(rt: Any) {
//!     …
//! }
//!
//! }
//! ```
//!
//! - The documentation *is* the data: `conformance explain` prints it, and it is the rustdoc of the function that the macro
//!   makes. The id is `family::name`.
//! - The level is `Must`, `Capability`, `Should` or `Info`. The code of an `Info` rule returns a `String`: what was seen. Any
//!   other may return one as well, to be shown beside its pass.
//! - `rt` is a [`Started`](crate::Started) runtime, a fresh one where the backend can be launched. `rt: Any` compiles the
//!   text twice, for [`Shared`](crate::Shared) backends and for [`Local`](crate::Local) ones, whose methods have the same
//!   names; spawn with `rt.spawn` in either. `rt: Shared` and `rt: Local` are for one kind. Handles to be moved into tasks
//!   (and to threads, if `Shared`) come from `rt.handle()`.
//! - What else the backend must be able to do follows with a plus: `rt: Any + Owned`, `rt: Shared + Blocking + Background`.
//!   See [`Capability`](crate::Capability). A rule that needs a claim is also run where the claim is not made, and must then
//!   fail (or hang, for at most two seconds): write it so that it holds only where the claim is true.
//! - The code fails by panicking, with a message that says what was seen. It decides nothing about whether it applies.
//! - It runs on the main thread of a process of its own, so it may leave threads behind, fill the heap and hang. It waits
//!   for what it is about through the [`kit`](crate::kit), and asserts time one-sided: nothing is early.
//! - Where it may hang, it says beforehand what it waits for, with [`step`](crate::kit::step): the report ends with the last
//!   one. `eventually` and `yield_until` do so themselves, and a `block_on` is noted with its line.
//! - What `anyrt-structured` builds on a runtime comes from `rt.structured()`: groups, tokens, scopes and the rest, the real ones,
//!   or with one flaw, for their mutants. See `structured/mod.rs` for how a piece is wrapped.
//! - A future's captures: see [`Holding`](crate::kit::Holding) before you test when something is dropped.
//!
//! A new family is a file, a line in [`all`], and `mod` here. A rule must be able to fail: give it a mutant in
//! [`mutants`](crate::mutants).

pub mod abort;
pub mod block_on;
pub mod blocking;
pub mod coop;
pub mod differential;
pub mod for_each;
pub mod group;
pub mod interval;
pub mod join;
pub mod local;
pub mod memory;
pub mod named;
pub mod native;
pub mod panic;
pub mod race;
pub mod retry;
pub mod right_runtime;
pub mod scope;
pub mod select;
pub mod semaphore;
pub mod shutdown;
pub mod sleep;
pub mod spawn;
pub mod stress;
pub mod timeout;
pub mod token;
pub mod tracker;
pub mod wake;
pub mod yield_now;

use crate::{Rule, workloads};

/// Every rule, family by family.
pub fn all() -> Vec<Rule> {
    [
        block_on::rules(),
        spawn::rules(),
        join::rules(),
        abort::rules(),
        panic::rules(),
        local::rules(),
        blocking::rules(),
        sleep::rules(),
        interval::rules(),
        timeout::rules(),
        yield_now::rules(),
        wake::rules(),
        shutdown::rules(),
        group::rules(),
        token::rules(),
        tracker::rules(),
        scope::rules(),
        semaphore::rules(),
        for_each::rules(),
        select::rules(),
        race::rules(),
        retry::rules(),
        coop::rules(),
        named::rules(),
        right_runtime::rules(),
        native::rules(),
        stress::rules(),
        differential::rules(),
        memory::rules(),
        workloads::all(),
    ]
    .concat()
}
