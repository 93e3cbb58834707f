//! What the attribute macros expand to. No part of the public API.

#[cfg(not(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
)))]
pub use crate::__absent as if_any;
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
pub use crate::__present as if_any;

#[cfg(not(feature = "tokio"))]
pub use crate::__absent as if_tokio;
#[cfg(feature = "tokio")]
pub use crate::__present as if_tokio;

#[cfg(not(feature = "smol"))]
pub use crate::__absent as if_smol;
#[cfg(feature = "smol")]
pub use crate::__present as if_smol;

#[cfg(not(feature = "async-std"))]
pub use crate::__absent as if_async_std;
#[cfg(feature = "async-std")]
pub use crate::__present as if_async_std;

#[cfg(not(feature = "sim"))]
pub use crate::__absent as if_sim;
#[cfg(feature = "sim")]
pub use crate::__present as if_sim;

#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
pub use crate::backend::{async_std, sim, smol, tokio};
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
pub use crate::entry::{main, main_local, main_on, main_on_local, test, test_local};
#[cfg(any(
    feature = "tokio",
    feature = "smol",
    feature = "async-std",
    feature = "sim"
))]
pub use crate::not_started::{exit, or_panic};
