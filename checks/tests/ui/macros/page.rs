#[anyrt::main(wasm)]
async fn on_a_host() {}

#[anyrt::test(wasm)]
async fn waits_for_its_end() {}

#[anyrt::main(wasm, worker_threads = 4)]
async fn with_threads() {}

#[anyrt::main(wasm, shutdown_grace = "1s")]
async fn with_an_end() {}

#[anyrt::main(tokio, wasm)]
async fn on_two_runtimes() {}

#[anyrt::main(wasm = 4)]
async fn with_a_value() {}

#[anyrt::main(wasm)]
async fn with_sockets(rt: impl anyrt_net::NetRuntime) {}

fn main() {}
