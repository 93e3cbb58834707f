//! A backend certified with `suite!`, as a third party does it.

use anyrt_conformance::{AtShutdown, Backend};
use anyrt_core::{Config, Flavor};

anyrt_conformance::suite!(
    Backend::owned::<anyrt_tokio::Owned>(
        "tokio-current-thread",
        Config::new().flavor(Flavor::CurrentThread)
    )
    .claims(|claims| {
        claims.threads = vec!["tokio-rt-worker".to_owned()];
        claims.blocking_at_shutdown = AtShutdown::Waits;
    })
    .deviates(
        "panic::first_panic_is_told",
        "tokio ends the process at the second panic"
    )
);
