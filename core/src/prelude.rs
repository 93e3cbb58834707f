//! The traits, to be imported together: `use anyrt_core::prelude::*;`.
//!
//! Methods on a handle need their trait in scope, also where `R: Runtime` says that they exist on an associated type such as
//! `L::Handle`. Nothing but traits is in here, so nothing can collide with your names.

#[doc(no_inline)]
pub use crate::{
    BlockOn, Current, Launch, LocalRuntime, Runtime, ShareTimer, Sleep, Spawn, SpawnBlocking,
    SpawnLocal, Timer,
};
