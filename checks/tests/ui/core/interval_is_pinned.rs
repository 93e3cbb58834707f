//~ consider pinning the expression
use std::time::Duration;

use anyrt::prelude::*;

async fn beat<R: Runtime>(rt: &R) {
    let mut interval = rt.interval(Duration::from_secs(1));
    interval.tick().await;
}
