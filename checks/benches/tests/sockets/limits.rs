/// What an operation may cost beside what is always allowed, and why.
pub(crate) struct Limit {
    pub(crate) backend: &'static str,
    pub(crate) operation: &'static str,
    /// Beside the larger of 10 and 1 %.
    pub(crate) instructions: i64,
    pub(crate) allocations: f64,
    /// The rule that it pays for.
    #[expect(dead_code, reason = "for the reader")]
    pub(crate) reason: &'static str,
}

const fn free(backend: &'static str, operation: &'static str) -> Limit {
    Limit {
        backend,
        operation,
        instructions: 0,
        allocations: 0.0,
        reason: "",
    }
}

/// What many waiters per socket cost on a runtime that keeps one waker per direction.
const fn waiters(backend: &'static str, operation: &'static str, instructions: i64) -> Limit {
    Limit {
        instructions,
        reason: "a wait is in a list behind tokio's one waker (`net::many_receivers`, `net::many_acceptors`)",
        ..free(backend, operation)
    }
}

pub(crate) const ALL: &[Limit] = &[
    free("tokio", "echo"),
    free("tokio", "echo64k"),
    waiters("tokio", "udp", 300),
    waiters("tokio", "accept", 350),
    free("tokio", "ready"),
    free("tokio", "split"),
    free("smol", "echo"),
    free("smol", "echo64k"),
    free("smol", "udp"),
    free("smol", "accept"),
    free("smol", "ready"),
    free("smol", "split"),
];
