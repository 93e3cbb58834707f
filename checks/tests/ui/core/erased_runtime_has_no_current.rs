//~ the current `AnyRuntime` cannot be looked up
//~ pass the handle in as a value

use anyrt::{AnyRuntime, Current};

fn look_up<R: Current>() -> R {
    R::current()
}

fn main() {
    look_up::<AnyRuntime>();
}
