#[anyrt::main(local)]
async fn main(rt: impl anyrt::LocalRuntime) {}
