//! What both drivers claim.

use anyrt_conformance::Backend;

/// What is the process's own, and what async-task decides.
pub(crate) fn claims(backend: Backend) -> Backend {
    backend
        .claims(|claims| {
            claims.blocking_limit = 500;
            claims.process_threads = vec!["blocking-*".to_owned()];
        })
        .deviates(
            "join::panicking_waker_is_contained",
            "async-task aborts the process when a joiner's waker panics; only a wrapper around every waker could stop that",
        )
}
