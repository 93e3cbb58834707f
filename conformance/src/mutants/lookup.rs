use anyrt_core::NoRuntime;

use super::{Defect, context};
use crate::{Backend, Started};

/// Breaks how the runtime is looked up, if that is the defect.
pub(super) fn broken(backend: Backend, defect: Defect) -> Backend {
    match defect {
        Defect::InnerScopeStays => {
            backend.wrap_current(|_, found| outermost(found), |_, found| outermost(found))
        }
        Defect::LookupFindsAnother => backend.wrap_current(
            |backend, found| found.map(|_| another(backend.start_shared())),
            |backend, found| found.map(|_| another(backend.start_local())),
        ),
        _ => backend,
    }
}

/// Finds nothing once a `block_on` inside another one has ended.
fn outermost<H>(found: Result<H, NoRuntime>) -> Result<H, NoRuntime> {
    if context::inner_has_ended() {
        return Err(NoRuntime::new("broken", "try_current", "pass a handle in"));
    }
    found
}

/// The handle of a runtime that never ends.
fn another<H: Clone>(started: Started<H>) -> H {
    let handle = started.handle();
    std::mem::forget(started);
    handle
}
