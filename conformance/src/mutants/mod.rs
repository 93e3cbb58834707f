//! The mutants of a runtime: backends with exactly one thing broken, to show that the rule meant for it goes red.
//!
//! A mutant is one block in [`faults`]: its name, what it breaks, the rules that kill it, and the [hook](Fault) that it
//! overrides. The wrappers in [`wrap`] stand around everything that a backend starts and call the hooks; they are written once
//! for both kinds of runtimes, in safe code and through the suite's own layer. What safe code cannot break is
//! [listed](exempt) with what stands in. Every rule of the levels `must` and `capability` is red under a mutant or is on that
//! list, and a test holds the two against the rules.

mod context;
mod exempt;
mod faults;
mod hooks;
mod run;
mod wrap;

pub(crate) use exempt::exempt;
pub(crate) use faults::all;

use hooks::{Fault, mutants};
use run::Run;

use crate::{Backend, capability};

/// The backend with one fault.
fn broken(backend: Backend, fault: &'static dyn Fault) -> Backend {
    let backend = fault.backend(backend);
    if backend.has(capability::Local) {
        backend.wrap_local(move |inner| wrap::local(inner, fault))
    } else {
        backend.wrap_shared(move |inner| wrap::shared(inner, fault))
    }
}
