#[anyrt::main(tokio, thread_keep_alive = "10 minutes")]
async fn main() {}
