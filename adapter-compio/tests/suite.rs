//! The suite over the driver that compio takes by itself: io_uring, where the kernel has it.

mod common;

use anyrt_compio::{Local, LocalHandle};
use anyrt_conformance::{Backend, count_heap, suite};
use anyrt_core::Config;

count_heap!();
suite!(common::claims(
    Backend::local::<Local>("compio-local", Config::new()).current_local::<LocalHandle>()
));
