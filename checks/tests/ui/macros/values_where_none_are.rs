#[anyrt::main(tokio = 1, local = true)]
async fn main() {}
