#[anyrt::main(tokyo)]
async fn main() {}
