#[anyrt::main(compio)]
async fn start(rt: anyrt::AnyRuntime) {}

#[anyrt::main(compio)]
async fn shared(rt: impl anyrt::Runtime) {}

#[anyrt::main(compio)]
async fn shared_with_sockets(rt: impl anyrt::net::NetRuntime + Clone) {}

#[anyrt::test(compio)]
async fn sockets_of_any(rt: anyrt::net::AnyNet) {}

#[anyrt::main(compio, worker_threads = 4)]
async fn with_threads() {}

#[anyrt::test(tokio, compio)]
async fn shared_and_local(rt: impl anyrt::Runtime) {}

#[anyrt::test(compio, unheard_panics = "fail")]
async fn watches_nothing() {}

fn main() {}
