//! The environment variables of the runner.

use std::fmt::Display;
use std::str::FromStr;

/// `ANYRT_SIM_SEED`: the one seed to run.
#[track_caller]
pub(crate) fn seed() -> Option<u64> {
    number("ANYRT_SIM_SEED")
}

/// `ANYRT_SIM_ITERS`: how many seeds to run.
#[track_caller]
pub(crate) fn iterations() -> Option<u64> {
    number("ANYRT_SIM_ITERS")
}

/// # Panics
///
/// When the variable is set and is no number: a typing error must not run another test than was asked for.
#[track_caller]
fn number<N: FromStr<Err: Display>>(name: &str) -> Option<N> {
    let text = std::env::var_os(name)?;
    match text.to_string_lossy().parse() {
        Ok(number) => Some(number),
        Err(error) => {
            panic!("the environment variable {name} is {text:?}, which is no number: {error}")
        }
    }
}
