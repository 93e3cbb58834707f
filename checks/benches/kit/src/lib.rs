//! What the measured crates share: the operations, the layer's way of doing them, what drives them, and what counts.
//!
//! Nothing here names a runtime, and what is measured is generic or `#[inline]`. So a runtime's code is compiled in the crate of
//! that runtime alone, and no other crate can move what the compiler does with it.

pub mod alloc;
pub mod layer;
pub mod local;
pub mod measure;
pub mod operation;
pub mod pair;
pub mod probe;
pub mod sockets;
pub mod structured;
pub mod valgrind;
pub mod work;
