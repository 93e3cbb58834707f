//! The runtimes that a program can pick, a row each. Everything that depends on the list is made from these rows.
//!
//! A row is: the documentation of the re-export, the cargo feature, the name in paths and attributes, the adapter's crate, its
//! handle, what a program starts, what it starts for a root that is not `Send`, how tests run, and the options that either
//! honours. `anyrt/tests/options.rs` compares the options with what the adapters do.

/// Calls `$callback!` with what follows it, and the rows.
#[doc(hidden)]
#[macro_export]
macro_rules! __backends {
    ([$($callback:tt)+] $($before:tt)*) => {
        $($callback)+! {
            $($before)*

            /// tokio: the crate `anyrt-tokio` (feature `tokio`).
            "tokio" tokio = anyrt_tokio: Tokio, anyrt_tokio::Owned, Local, once,
                [multi_thread current_thread worker_threads thread_name thread_stack_size max_blocking_threads
                    thread_keep_alive event_interval global_queue_interval max_io_events_per_tick],
                [current_thread thread_name thread_stack_size max_blocking_threads thread_keep_alive event_interval
                    global_queue_interval max_io_events_per_tick];

            /// smol: the crate `anyrt-smol` (feature `smol`).
            "smol" smol = anyrt_smol: Smol, anyrt_smol::Owned, Local, once,
                [multi_thread worker_threads thread_name thread_stack_size], [current_thread];

            /// async-std, which is discontinued upstream: the crate `anyrt-async-std` (feature `async-std`).
            "async-std" async_std = anyrt_async_std: AsyncStd, anyrt_async_std::Global, Local, once, [], [current_thread];

            /// The deterministic simulation, for tests: the crate `anyrt-sim` (feature `sim`).
            "sim" sim = anyrt_sim: Sim, anyrt_sim::Owned, Owned, seeds, [current_thread], [current_thread];
        }
    };
}
