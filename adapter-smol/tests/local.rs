//! The local runtime: one thread, tasks that are not `Send`.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/local.rs"]
mod local;

use anyrt_smol::{Local, LocalHandle, Smol as Global};

const RUNTIME: &str = "smol local";
