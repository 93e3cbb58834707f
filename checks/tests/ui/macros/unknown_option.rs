#[anyrt::main(tokio, workers = 4)]
async fn main() {}

#[anyrt::test(thread_nam = "a")]
async fn test() {}
