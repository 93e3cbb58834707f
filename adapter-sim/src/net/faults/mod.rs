//! Faults that are drawn from the seed.

mod plan;
mod running;

pub use plan::Faults;
pub use running::RunningFaults;
