//! Why a layer breaks a rule, as its source says.

/// A cause: for which backends and which rules (globs), and what was found where.
pub(crate) struct Note {
    pub(crate) backend: &'static str,
    pub(crate) rules: &'static [&'static str],
    pub(crate) cause: &'static str,
}

/// Rules that join a task or closure which panicked, at least in one part.
const PANICS: &[&str] = &[
    "join::future_is_dropped_first",
    "join::second_poll_panics",
    "join::panic_is_an_error",
    "panic::payload_survives",
    "panic::captures_are_dropped_first",
    "panic::panicking_destructor_is_contained",
    "panic::hook_runs_once",
    "panic::blocking_*",
    "workload::single_flight",
    "spawn::named_task_is_a_task",
];

/// The first that fits is taken.
pub(crate) const NOTES: &[Note] = &[
    Note {
        backend: "*/smol",
        rules: &[
            "panic::panicking_*destructor_is_contained",
            "join::panicking_waker_is_contained",
        ],
        cause: "async-task, below smol, ends the process there, and the layer guards nothing",
    },
    Note {
        backend: "*/async-std",
        rules: &[
            "panic::panicking_*destructor_is_contained",
            "join::panicking_waker_is_contained",
        ],
        cause: "async-task, below async-std, ends the process there, and the layer guards nothing",
    },
    Note {
        backend: "agnostic-lite/smol",
        rules: PANICS,
        cause: "the layer's handle polls smol's `Task`, which throws the task's panic into the joiner, and its `JoinError` is never made (`spawner.rs`, `join_handle!`)",
    },
    Note {
        backend: "async_executors/tokio",
        rules: PANICS,
        cause: "the layer's handles have no error: tokio's becomes a panic in the joiner with a text of the layer's (`iface/join_handle.rs`, `iface/blocking_handle.rs`)",
    },
    Note {
        backend: "async_executors/async-std",
        rules: PANICS,
        cause: "the layer's handles poll async-std's, which throw the task's panic into the joiner (`iface/join_handle.rs`, `iface/blocking_handle.rs`)",
    },
    Note {
        backend: "async-rs/tokio",
        rules: PANICS,
        cause: "the layer's task resumes the panic in the joiner (`implementors/tokio.rs`, `TTask`)",
    },
    Note {
        backend: "async-rs/smol",
        rules: PANICS,
        cause: "the layer's task polls smol's `Task`, which throws the task's panic into the joiner (`implementors/smol.rs`, `STask`)",
    },
    Note {
        backend: "*/smol",
        rules: &["block_on::nested_completes_or_panics"],
        cause: "the layer calls `smol::block_on`, which inside a task holds the one thread that smol's global executor has unless `SMOL_THREADS` says otherwise",
    },
    Note {
        backend: "agnostic-lite/tokio",
        rules: &["spawn::big_future_uses_bounded_stack"],
        cause: "the rule spawns from a plain thread, where the layer finds no tokio (`tokio.rs`); this says nothing about its stack",
    },
    Note {
        backend: "agnostic-lite/tokio",
        rules: &[
            "block_on::*",
            "spawn::*",
            "sleep::is_made_outside_the_runtime",
            "right_runtime::works_from_a_plain_thread",
            "stress::foreign_spawns_are_counted",
        ],
        cause: "the layer has no handle: every call finds tokio by looking around, which panics on a thread that is not inside it (`tokio.rs`)",
    },
    Note {
        backend: "async_executors/tokio",
        rules: &[
            "sleep::is_made_outside_the_runtime",
            "right_runtime::works_from_a_plain_thread",
        ],
        cause: "tasks go to the handle's runtime, but `sleep` calls `tokio::time::sleep`, which panics on a thread that is not inside tokio (`exec/tokio_tp.rs`)",
    },
    Note {
        backend: "async_executors/*",
        rules: &["spawn::small_task_costs_one_allocation"],
        cause: "every future is boxed as a `FutureObj` before the executor takes it (`exec/*.rs`, `spawn_obj`)",
    },
    Note {
        backend: "async_executors/*",
        rules: &["join::handle_is_small"],
        cause: "the handle is an enum over all executors (`iface/join_handle.rs`)",
    },
    Note {
        backend: "agnostic-lite/smol",
        rules: &["join::dropping_the_handle_detaches"],
        cause: "the handle is smol's `Task`, whose drop cancels; on tokio the same code detaches (`spawner.rs`, `smol.rs`). `detach` exists",
    },
    Note {
        backend: "async_executors/*",
        rules: &["join::dropping_the_handle_detaches"],
        cause: "the handle aborts when it is dropped, as its documentation says (`iface/join_handle.rs`). `detach` exists",
    },
    Note {
        backend: "async-rs/*",
        rules: &[
            "blocking::runs_exactly_once",
            "blocking::named_closure_is_a_closure",
        ],
        cause: "`cancel` of a blocking task gives its value up, or takes a queued closure back (`implementors/*.rs`, `cancel`)",
    },
    Note {
        backend: "*/smol",
        rules: &["spawn::big_future_uses_bounded_stack"],
        cause: "a spawn on smol moves its future several times across the stack, and the layer boxes none",
    },
    Note {
        backend: "*/tokio",
        rules: &["sleep::end_of_the_clock_never_fires"],
        cause: "tokio's timer adds to a deadline to round it up, which overflows at the end of the clock, and the layer takes no short cut",
    },
    Note {
        backend: "*/tokio",
        rules: &["sleep::zero*", "timeout::zero_elapses_at_once"],
        cause: "tokio's timer rounds up to its next millisecond, and the layer takes no short cut",
    },
    Note {
        backend: "agnostic-lite/*",
        rules: &["interval::first_tick_is_immediate"],
        cause: "the layer's `interval` ticks first after one period (`tokio/interval.rs`, `async_io/interval.rs`)",
    },
    Note {
        backend: "async-rs/tokio",
        rules: &["interval::first_tick_is_immediate"],
        cause: "the layer takes tokio's interval as it is, whose first tick comes up to a millisecond later",
    },
    Note {
        backend: "*/smol",
        rules: &["interval::zero_period_panics"],
        cause: "the layer takes async-io's `Timer::interval` as it is, and that takes a period of zero",
    },
    Note {
        backend: "*/smol",
        rules: &["sleep::stays_ready"],
        cause: "the layer's sleep is async-io's `Timer`, which is pending for ever after it was ready",
    },
    Note {
        backend: "async_executors/async-std",
        rules: &["sleep::*"],
        cause: "the layer's sleep is `async_std::task::sleep`, an `async fn` that counts from its first poll and cannot be polled after it was ready (`exec/async_std.rs`)",
    },
    Note {
        backend: "agnostic-net/*",
        rules: &["net::vectored_*"],
        cause: "the layer implements no vectored read or write, so one slice goes through (`tokio/tcp_stream.rs`, `async_io.rs`)",
    },
    Note {
        backend: "agnostic-net/*",
        rules: &["net::zero_length"],
        cause: "an empty buffer is passed on to the runtime's read, which waits for something to read first (`tokio/tcp_stream.rs`, `async_io.rs`)",
    },
    Note {
        backend: "agnostic-net/smol",
        rules: &["net::close_repeats"],
        cause: "`poll_close` is async-net's, which passes `NotConnected` on (`async_io.rs`)",
    },
    Note {
        backend: "agnostic-net/*",
        rules: &["net::shutdown_ends_both"],
        cause: "`shutdown` passes `NotConnected` on (`os::shutdown`, `unix.rs`)",
    },
    Note {
        backend: "agnostic-net/*",
        rules: &["net::connect_begins_at_the_call"],
        cause: "`connect` is an `async fn`: nothing begins before its first poll (`tcp.rs`)",
    },
    Note {
        backend: "agnostic-net/smol",
        rules: &["net::hot_*"],
        cause: "async-io has no budget per task, and the layer adds none",
    },
    Note {
        backend: "agnostic-net/*",
        rules: &["net::unknown_name_is_not_found"],
        cause: "the error of std's resolver is passed on, and it has no kind of its own (`to_socket_addrs.rs`)",
    },
    Note {
        backend: "agnostic-net/tokio",
        rules: &[
            "net::polled_elsewhere",
            "net::accepted_belongs_home",
            "net::shutdown_never_hangs",
        ],
        cause: "the layer has no handle: to bind, to connect and to accept find tokio by looking around, and panic on a thread that is not inside it (`tokio.rs`)",
    },
];
