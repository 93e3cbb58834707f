//! Everyday shapes of application code on every form of the runtime.

use std::sync::LazyLock;

use anyrt_core::{AnyBlockOn, Config, Launch};
use anyrt_smol::{Ambient, Owned, Smol};

#[macro_use]
#[path = "../../adapter-shared/tests/twins/everyday.rs"]
mod shapes;

static OWNED: LazyLock<Owned> =
    LazyLock::new(|| Owned::launch(Config::new().worker_threads(2)).expect("threads"));

everyday!(global, Smol, Smol::global());
everyday!(ambient, Ambient, Ambient);
everyday!(owned, Smol, OWNED.handle());
everyday!(erased, AnyBlockOn, AnyBlockOn::new(Smol::global()));
