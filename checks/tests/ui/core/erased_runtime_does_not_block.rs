//~ `AnyRuntime` cannot block on a future
//~ ask for `R: Runtime + BlockOn`

use anyrt::{AnyRuntime, BlockOn};

fn facade(rt: AnyRuntime) -> u32 {
    block(rt)
}

fn block<R: BlockOn>(rt: R) -> u32 {
    rt.block_on(async { 42 })
}

fn main() {}
