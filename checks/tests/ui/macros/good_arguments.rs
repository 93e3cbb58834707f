//! What takes arguments also takes none, and works.

use std::process::ExitCode;

#[anyrt::main(smol, worker_threads = 1, crate = "anyrt")]
async fn start() -> u32 {
    42
}

#[anyrt::main(tokio)]
async fn main() -> ExitCode {
    let answer = std::thread::spawn(start).join().unwrap_or_default();
    ExitCode::from(if answer == 42 { 0 } else { 1 })
}
