//! Blocking closures at the end of a runtime.

#[path = "../../adapter-shared/tests/twins/closures.rs"]
mod closures;
#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/refused.rs"]
mod refused;

use anyrt_async_std::{AsyncStd as Handle, Global as Runtime, Local};
