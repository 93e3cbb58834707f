#[anyrt::main("tokio")]
async fn main() {}

#[anyrt::test(tokio smol)]
async fn test() {}

#[anyrt::test(worker_threads = )]
async fn other_test() {}
