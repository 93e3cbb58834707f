//~ E0599
//~ BlockOn

use anyrt::Runtime;
use anyrt::prelude::*;

fn library<R: Runtime>(rt: &R) {
    rt.block_on(async {});
}

fn main() {}
