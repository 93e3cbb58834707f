//! What a user would write to test the three: one function each, for `anyrt_sim::check`.

use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_examples::planted::{Ledger, Mailbox, ask};
use anyrt_sim::Sim;

/// The last value that was put is the one that is read.
pub(crate) async fn the_last_write_wins(sim: Sim) {
    let ledger = Ledger::new(sim.clone());
    ledger.put(1, 10);
    ledger.put(1, 20);
    sim.sleep(Duration::from_secs(1)).await;
    assert_eq!(ledger.get(1), Some(20));
}

/// Every letter is read, whoever comes first.
pub(crate) async fn every_letter_is_read(sim: Sim) {
    let mailbox = Mailbox::default();
    let reader = sim.named("reader").spawn({
        let mailbox = mailbox.clone();
        async move { mailbox.take().await }
    });
    sim.named("writer")
        .spawn(async move { mailbox.put(7) })
        .detach();
    assert_eq!(reader.await.expect("the reader does not panic"), 7);
}

/// The client answers within its limit, however slow or broken the server is.
pub(crate) async fn the_client_keeps_its_limit(sim: Sim) {
    let limit = Duration::from_secs(5);
    let mut rng = sim.rng();
    let server = async || {
        sim.sleep(rng.duration(Duration::from_secs(6))).await;
        if sim.chance(0.5) { Err(()) } else { Ok(42) }
    };
    let start = sim.now();
    ask(&sim, limit, server).await;
    let took = sim.now() - start;
    assert!(took <= limit, "took {took:?} of {limit:?}");
}
