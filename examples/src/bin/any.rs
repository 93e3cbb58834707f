//! `treehash` on the runtime that is compiled in, or that `ANYRT_RUNTIME` names where several are.

use std::process::ExitCode;

use anyrt::Runtime;
use anyrt_examples::cli;

#[anyrt::main]
async fn main(rt: impl Runtime) -> ExitCode {
    cli::run(rt).await
}
