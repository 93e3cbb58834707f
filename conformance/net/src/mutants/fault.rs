use std::sync::{PoisonError, RwLock};

use anyrt_conformance_engine::{Mutant, capability};

/// What is wrong with the sockets of a runtime: the name of the mutant. Its row is beside the code that asks whether [`it is`](is).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(super) &'static str);

/// Every mutant of sockets.
pub(crate) fn all() -> Vec<Mutant> {
    let all = [
        super::connect::mutants(),
        super::halves::mutants(),
        super::incoming::mutants(),
        super::listener::mutants(),
        super::lookup::mutants(),
        #[cfg(unix)]
        super::os::mutants(),
        super::runtime::mutants(),
        #[cfg(unix)]
        super::signal::mutants(),
        super::stream::mutants(),
        super::udp::mutants(),
        #[cfg(unix)]
        super::unix::mutants(),
    ];
    // The wrappers stand around runtimes whose tasks are `Send`.
    let all = all.into_iter().flatten();
    all.map(|it| it.needs(capability::Shared)).collect()
}

/// The fault of this process.
static PLANTED: RwLock<Option<Fault>> = RwLock::new(None);

/// Plants a fault into every [`Broken`](super::Broken) runtime of this process, in place of an earlier one.
pub(crate) fn plant(fault: Option<Fault>) {
    *PLANTED.write().unwrap_or_else(PoisonError::into_inner) = fault;
}

/// Tells whether this fault is planted.
pub(super) fn is(fault: Fault) -> bool {
    *PLANTED.read().unwrap_or_else(PoisonError::into_inner) == Some(fault)
}
