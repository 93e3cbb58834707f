#[anyrt::main(tokio, shutdown_grace = 5, unheard_panics = "fail")]
async fn main() {}

#[anyrt::test(unheard_panics = "ignore", sim_threads = 0)]
async fn test() {}

#[anyrt::test(unheard_panics = "fail")]
async fn other_test() {}
