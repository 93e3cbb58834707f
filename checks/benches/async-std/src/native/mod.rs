//! The operations by hand, with async-std's own functions.

mod async_std;
mod async_std_local;

pub use self::async_std::AsyncStd;
pub use self::async_std_local::AsyncStdLocal;
