//! What differs between the runtimes by their nature, and no rule decides. Each line is held by a test of the adapter, or stated
//! in its README.

/// The columns, by what backends' keys begin with.
pub(crate) const RUNTIMES: [&str; 5] = ["tokio", "smol", "async-std", "compio", "sim"];

/// A subject, and what each of [`RUNTIMES`] does.
pub(crate) const DIFFERENCES: &[(&str, [&str; 5])] = &[
    (
        "a handle's `abort` allocates",
        [
            "nothing",
            "up to twice",
            "up to twice",
            "up to twice",
            "nothing",
        ],
    ),
    (
        "the name of a task is shown",
        [
            "in the console and in traces, with `--cfg tokio_unstable` and tokio's feature `tracing`",
            "nowhere",
            "nowhere",
            "nowhere",
            "in reports",
        ],
    ),
    (
        "resolution of a sleep",
        [
            "1 ms, rounded up",
            "that of the system's poller",
            "that of the system's poller",
            "that of the system's clock",
            "1 ns of virtual time",
        ],
    ),
    (
        "a sleep that is polled before its deadline, when its runtime is gone",
        [
            "panics",
            "works: the reactor belongs to the process",
            "works: the reactor belongs to the process",
            "panics",
            "see its page",
        ],
    ),
    (
        "`block_on` through a handle",
        [
            "works outside async code; of a current-thread runtime it polls its future, and tasks and timers move only while somebody \
             drives the runtime",
            "works outside the threads that run executors",
            "works outside the threads that run the runtime",
            "works on the thread of the runtime, also inside its tasks; not inside a task of compio's own",
            "works everywhere, also inside tasks, and drives the simulation",
        ],
    ),
    (
        "blocking closures at once",
        [
            "512, or `Config::max_blocking_threads`",
            "500 in the process, or `BLOCKING_MAX_THREADS`",
            "500 in the process, or `BLOCKING_MAX_THREADS`",
            "500 in the process, or `BLOCKING_MAX_THREADS`",
            "one step of the schedule each",
        ],
    ),
    (
        "when the system refuses a thread, `spawn_blocking`",
        [
            "panics where the pool has no thread",
            "does not return until one is granted",
            "does not return until one is granted",
            "does not return until one is granted",
            "needs none",
        ],
    ),
    (
        "dropping the runtime waits for blocking closures",
        [
            "for those that run; those in the queue are dropped",
            "no",
            "no",
            "no",
            "see its page",
        ],
    ),
    (
        "`shutdown(grace)` waits for blocking closures",
        [
            "for those that run",
            "for those submitted through its handles, running or in the queue",
            "for those submitted through its handles, running or in the queue",
            "for those submitted through its handles, running or in the queue",
            "see its page",
        ],
    ),
    (
        "a process-wide runtime",
        [
            "none",
            "`Global`: never shut down, one thread unless `SMOL_THREADS` says otherwise",
            "`Global`: never shut down",
            "none",
            "none",
        ],
    ),
    (
        "an abort during the last poll of a task",
        [
            "comes too late: the join yields the output",
            "the join yields *cancelled*",
            "the join yields *cancelled*",
            "the join yields the output",
            "see its page",
        ],
    ),
    (
        "a socket whose runtime was shut down",
        [
            "fails",
            "works: the reactor belongs to the process",
            "works: the reactor belongs to the process",
            "fails where it would wait",
            "see its page",
        ],
    ),
];
