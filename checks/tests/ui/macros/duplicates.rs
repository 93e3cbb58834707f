#[anyrt::main(tokio, worker_threads = 1, tokio, worker_threads = 2, local, local)]
async fn main() {}
