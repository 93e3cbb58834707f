//! The operations by hand, with smol's own functions.

mod executor;
mod smol;
mod smol_local;
mod smol_owned;
mod structured;

pub use self::smol::Smol;
pub use self::smol_local::SmolLocal;
pub use self::smol_owned::SmolOwned;
pub use self::structured::SmolUnordered;
