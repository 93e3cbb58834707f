//! Everyday shapes of application code on every form of the runtime.

use anyrt_async_std::{Ambient, AsyncStd};
use anyrt_core::AnyBlockOn;

#[macro_use]
#[path = "../../adapter-shared/tests/twins/everyday.rs"]
mod shapes;

everyday!(global, AsyncStd, AsyncStd::global());
everyday!(ambient, Ambient, Ambient);
everyday!(erased, AnyBlockOn, AnyBlockOn::new(AsyncStd::global()));
