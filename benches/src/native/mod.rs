//! The operations by hand, with each runtime's own functions.

mod async_std;
mod smol;
mod smol_owned;
mod tokio;
mod tokio_handle;

pub use self::async_std::AsyncStd;
pub use self::smol::Smol;
pub use self::smol_owned::SmolOwned;
pub use self::tokio::Tokio;
pub use self::tokio_handle::TokioHandle;
