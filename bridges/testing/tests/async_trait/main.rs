//! The manual's page on traits with async methods: that it shows this code, that the code runs on every backend.

#[expect(unreachable_pub, reason = "the page shows a library's own traits")]
mod page;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_net::prelude::*;

use page::{Deliver, DeliverDyn, Slowly, to_all, to_all_dyn};

#[test]
fn the_manual_shows_the_code_that_runs() {
    let page = include_str!("../../../../anyrt/src/manual/async_traits.md");
    assert!(page.contains(include_str!("page.rs")), "they differ");
}

/// Counts the bytes that were delivered.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Deliver for Count {
    async fn deliver(&self, text: &str) -> io::Result<()> {
        self.0.fetch_add(text.len(), Ordering::Relaxed);
        Ok(())
    }
}

async fn a_trait_serves_both_ways<R: NetRuntime>(rt: R) {
    let count = Count::default();
    let slowly = || Slowly {
        runtime: rt.clone(),
        pause: Duration::from_millis(1),
        to: count.clone(),
    };
    let (known, erased) = ([slowly(), slowly()], slowly());
    // Both are `Send`, so that they can be spawned.
    rt.spawn(async move { to_all(&known, "moin").await.unwrap() })
        .await
        .unwrap();
    let erased: [Box<dyn DeliverDyn>; 2] = [Box::new(erased), Box::new(count.clone())];
    rt.spawn(async move { to_all_dyn(&erased, "moin").await.unwrap() })
        .await
        .unwrap();
    assert_eq!(count.0.load(Ordering::Relaxed), 4 * "moin".len());
}

on_each_runtime!(a_trait_serves_both_ways);
on_simulation!(a_trait_serves_both_ways);
