//! The first of several futures, in an order that a seed repeats.

mod order;
#[allow(
    clippy::module_inception,
    reason = "the file is named after its function"
)]
mod race;
mod select;
mod split_mix_64;

pub use self::race::{Race, race};
pub use self::select::{Either, Select, select};
pub use self::split_mix_64::SplitMix64;
