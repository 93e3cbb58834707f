//! The command `conformance`: runs the rules of every specification on the backends compiled in.

use std::process::ExitCode;

use anyrt_conformance::{Suite, backends, command, specifications};

anyrt_conformance::count_heap!();

fn main() -> ExitCode {
    command::main(&Suite::new(specifications(), backends::all()))
}
