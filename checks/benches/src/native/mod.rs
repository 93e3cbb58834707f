//! The operations by hand, with each runtime's own functions.

mod async_std;
mod async_std_local;
mod executor;
mod smol;
mod smol_local;
mod smol_owned;
mod tokio;
mod tokio_handle;
mod tokio_local;

pub use self::async_std::AsyncStd;
pub use self::async_std_local::AsyncStdLocal;
pub use self::smol::Smol;
pub use self::smol_local::SmolLocal;
pub use self::smol_owned::SmolOwned;
pub use self::tokio::Tokio;
pub use self::tokio_handle::TokioHandle;
pub use self::tokio_local::TokioLocal;
