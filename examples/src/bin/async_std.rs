//! `treehash` on async-std.

use std::process::ExitCode;

use anyrt_async_std::AsyncStd;
use anyrt_core::BlockOn;
use anyrt_examples::cli;

fn main() -> ExitCode {
    let rt = AsyncStd::global();
    rt.block_on(cli::run(rt.clone()))
}
