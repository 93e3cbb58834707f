//~ `R` cannot block on a future
//~ ask for `R: Runtime + BlockOn`

use anyrt::{AnyRuntime, Runtime};

fn erase<R: Runtime>(rt: R) -> AnyRuntime {
    AnyRuntime::new(rt)
}

fn main() {}
