//! A case in this very program.

use super::panics;
use crate::case::{Case, Verdict};
use crate::kit::begin_steps;

/// Runs a case on this thread, in a program that was started for this case alone.
///
/// It is for programs that cannot start themselves again, as in a browser. Who starts them is the parent: it limits the time,
/// notices a crash, and has the verdict [judged](Case::judge) by another instance.
pub fn run_direct(case: &Case) -> Verdict {
    begin_steps(true);
    panics::run(case)
}
