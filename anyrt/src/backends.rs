//! The runtimes that a program can pick, a row each. Everything that depends on the list is made from these rows.
//!
//! A row is: the documentation of the module that re-exports it, the cargo feature, the feature that adds its sockets, the name in
//! paths and attributes, the adapter's crate, the kind, the handle, what a program starts, what it starts for a root that is not
//! `Send`, how tests run, and the options that either honours. `anyrt/tests/options.rs` compares the options with what the adapters
//! do.
//!
//! The kind is `shared`, or `local` for a backend whose tasks all stay on one thread. A `local` row names its local runtime twice
//! and has no options for a shared one; its attributes are local without the word. `program/backend.rs` and the macros read it.

/// Calls `$callback!` with what follows it, and the rows.
#[doc(hidden)]
#[macro_export]
macro_rules! __backends {
    ([$($callback:tt)+] $($before:tt)*) => {
        $($callback)+! {
            $($before)*

            /// tokio: the crate `anyrt-tokio` (feature `tokio`).
            "tokio" "tokio-net" tokio = anyrt_tokio: shared Tokio, anyrt_tokio::Owned, Local, once,
                [multi_thread current_thread worker_threads thread_name thread_stack_size max_blocking_threads
                    thread_keep_alive event_interval global_queue_interval max_io_events_per_tick],
                [current_thread thread_name thread_stack_size max_blocking_threads thread_keep_alive event_interval
                    global_queue_interval max_io_events_per_tick];

            /// smol: the crate `anyrt-smol` (feature `smol`).
            "smol" "smol-net" smol = anyrt_smol: shared Smol, anyrt_smol::Owned, Local, once,
                [multi_thread worker_threads thread_name thread_stack_size], [current_thread];

            /// async-std, which is discontinued upstream: the crate `anyrt-async-std` (feature `async-std`).
            "async-std" "async-std-net" async_std = anyrt_async_std: shared AsyncStd, anyrt_async_std::Global, Local, once,
                [], [current_thread];

            /// compio, one runtime per thread, which builds with Rust 1.88 and later: the crate `anyrt-compio` (feature `compio`).
            "compio" "compio-net" compio = anyrt_compio: local LocalHandle, anyrt_compio::Local, Local, once, [], [current_thread];

            /// The deterministic simulation, for tests: the crate `anyrt-sim` (feature `sim`).
            "sim" "sim-net" sim = anyrt_sim: shared Sim, anyrt_sim::Owned, Owned, seeds, [current_thread], [current_thread];
        }
    };
}
