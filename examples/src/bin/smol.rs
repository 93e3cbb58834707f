//! `treehash` on smol.

use std::process::ExitCode;

use anyrt_core::BlockOn;
use anyrt_examples::cli;
use anyrt_smol::Smol;

fn main() -> ExitCode {
    let rt = Smol::global();
    rt.block_on(cli::run(rt.clone()))
}
