//! A client that retries. Planted: a wrong timeout.

use std::time::Duration;

use anyrt_core::prelude::*;

/// Asks up to three times, and is to answer within `limit`, come what may.
///
/// It gives every attempt the whole limit, where it should give what is left of it: `timeout_at` one deadline for all would.
pub async fn ask<R: Runtime, E>(
    rt: &R,
    limit: Duration,
    mut request: impl AsyncFnMut() -> Result<u32, E>,
) -> Option<u32> {
    for pause in [10, 20, 40].map(Duration::from_millis) {
        match rt.timeout(limit, request()).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(_)) => rt.sleep(pause).await,
            Err(_) => return None,
        }
    }
    None
}
