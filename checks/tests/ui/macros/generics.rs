#[anyrt::main(tokio)]
async fn main<R: anyrt::Runtime>(rt: R) {}

#[anyrt::main(tokio)]
const unsafe extern "C" fn other() {}
