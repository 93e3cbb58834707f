#[anyrt::main("tokio")]
async fn main() {}

#[anyrt::test(tokio smol)]
async fn test() {}

#[anyrt::test(worker_threads = )]
async fn other_test() {}

#[anyrt::test(async-std)]
async fn with_a_dash() {}

#[anyrt::test(tokio, worker-threads = 4)]
async fn with_an_options_dash() {}
