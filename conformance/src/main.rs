//! The command `conformance`: runs the rules of the specification on the backends compiled in.

use std::process::ExitCode;

anyrt_conformance::count_heap!();

fn main() -> ExitCode {
    anyrt_conformance::cli::main(anyrt_conformance::backends::all())
}
