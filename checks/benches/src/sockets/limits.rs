//! What sockets may cost beside native ones.

use super::SocketOperation;

/// What an operation costs on purpose beside what is always allowed.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// Where.
    pub backend: &'static str,
    /// What is done.
    pub operation: SocketOperation,
    /// Instructions beside the larger of 10 and 1 %.
    pub instructions: f64,
    /// Allocations.
    pub allocations: f64,
    /// What it buys.
    pub reason: &'static str,
}

/// Every declared cost.
pub const DECLARED: &[Declared] = &[
    declared("tokio", SocketOperation::Accept, 130.0, 0.0, HOME),
    declared("tokio", SocketOperation::Open, 140.0, 0.0, HOME),
    declared("tokio", SocketOperation::Listen, 400.0, 1.0, WAITERS),
    declared("tokio", SocketOperation::Bind, 560.0, 3.0, RECEIVERS),
    declared("compio", SocketOperation::Echo, 1060.0, 0.0, DRIVEN),
    declared("compio", SocketOperation::Echo64k, 1060.0, 0.0, DRIVEN),
    declared("compio-owned", SocketOperation::Echo, 600.0, 0.0, DRIVEN),
    declared("async-std", SocketOperation::Echo, 140.0, 0.0, BUDGET),
    declared("async-std", SocketOperation::Echo64k, 140.0, 0.0, BUDGET),
    declared("async-std", SocketOperation::Split, 140.0, 0.0, BUDGET),
    declared("async-std", SocketOperation::Listen, 10.0, 1.0, SHARED),
    declared("async-std", SocketOperation::Bind, 10.0, 1.0, SHARED),
];

const HOME: &str = "a socket belongs to the runtime of the handle that made it: the runtime around is compared with that one, at the \
    connect and at the accept (`net::accepted_belongs_home`)";

const WAITERS: &str = "many tasks may wait for a listener, in a list behind tokio's one waker, and the runtime around is compared with \
    the handle's (`net::many_acceptors`, `net::accepted_belongs_home`)";

const RECEIVERS: &str = "many tasks may wait for a socket, in a list for each direction behind tokio's one waker, and clones are handles to \
    it (`net::many_receivers`, `net::udp_clones_share`)";

const DRIVEN: &str = "a socket belongs to the runtime of the handle that made it, which each of the two waits looks up and enters, and a socket that always \
    has something gives way to others (`net::hot_socket_gives_way`)";

const BUDGET: &str = "a socket that always has something gives way to others, where async-std's never does \
    (`net::hot_socket_gives_way`)";

const SHARED: &str = "many tasks may wait for a socket, each of which holds it, and clones are handles to it \
    (`net::many_receivers`, `net::udp_clones_share`)";

const fn declared(
    backend: &'static str,
    operation: SocketOperation,
    instructions: f64,
    allocations: f64,
    reason: &'static str,
) -> Declared {
    Declared {
        backend,
        operation,
        instructions,
        allocations,
        reason,
    }
}

/// What is declared for `operation`.
pub fn find(backend: &str, operation: SocketOperation) -> Option<&'static Declared> {
    DECLARED
        .iter()
        .find(|declared| declared.backend == backend && declared.operation == operation)
}
