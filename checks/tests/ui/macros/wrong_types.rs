#[anyrt::main(
    tokio,
    flavor = "current",
    worker_threads = "four",
    thread_name = 7,
    thread_stack_size = 1.5,
    max_blocking_threads,
    thread_keep_alive = 10,
    event_interval = 5_000_000_000,
    global_queue_interval = 31usize,
    max_io_events_per_tick = -1,
)]
async fn main() {}
