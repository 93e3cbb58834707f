//! Time: measured in turns, told as ratios.

mod claims;
mod document;
mod json;
mod machine;
mod plot;
mod scale;
mod summary;

pub use self::claims::{Lateness, RootJoin, lateness, root_join};
pub use self::document::{Sources, document};
pub use self::json::to_json;
pub use self::machine::Machine;
pub use self::plot::{Series, bars, lines};
pub(crate) use self::scale::run_pair;
pub use self::scale::{Load, ScalePoint, run as run_scale};
pub use self::summary::{Comparison, Summary, compare};
