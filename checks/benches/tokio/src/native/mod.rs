//! The operations by hand, with tokio's own functions.

mod structured;
mod tokio;
mod tokio_handle;
mod tokio_local;

pub use self::structured::{Tokio as TokioGroups, TokioUnordered};
pub use self::tokio::Tokio;
pub use self::tokio_handle::TokioHandle;
pub use self::tokio_local::TokioLocal;
