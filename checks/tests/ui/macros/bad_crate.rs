#[anyrt::main(tokio, crate = 7)]
async fn main() {}
