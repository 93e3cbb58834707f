//~ a test under simulation returns nothing or a `Result`, and not `!`
//~ a future that never ends, of type `!`, cannot pass: spawn it
use std::time::Duration;

use anyrt::prelude::*;

pub fn never_ends() {
    anyrt::sim::check(|sim| async move {
        loop {
            sim.sleep(Duration::from_secs(1)).await;
        }
    });
}
