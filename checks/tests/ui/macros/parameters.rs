#[anyrt::main(tokio)]
async fn main(rt: anyrt::AnyRuntime, arguments: Vec<String>, more: ()) {}
