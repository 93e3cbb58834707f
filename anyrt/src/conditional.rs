//! What the attribute macros cannot see: which features this crate was compiled with.

/// Keeps its first block.
#[doc(hidden)]
#[macro_export]
macro_rules! __present {
    ({ $($present:tt)* } { $($absent:tt)* }) => { $($present)* };
}

/// Keeps its second block.
#[doc(hidden)]
#[macro_export]
macro_rules! __absent {
    ({ $($present:tt)* } { $($absent:tt)* }) => { $($absent)* };
}
