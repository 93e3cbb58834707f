//! A crawler in small, as a library would write it: it takes any runtime, and knows none.
//!
//! Pages are fetched in parallel, at most so many at a time, and at most so many per host; a fetch that fails is tried again;
//! a stop from outside ends it in good order, and says what was still on its way.
//!
//! `cargo run -p anyrt-structured --example crawler`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use anyrt_core::{Config, prelude::*};
use anyrt_structured::{
    Backoff, CancellationToken, Either, Semaphore, ShutdownReport, TaskGroup, TaskTracker, retry,
    select,
};

/// The library.
struct Crawler<R> {
    rt: R,
    pages_at_once: usize,
    pages_per_host: usize,
    backoff: Backoff,
    /// How many pages the web has.
    web: u32,
}

/// What came of a crawl.
#[derive(Debug)]
struct Crawl {
    /// The pages that were fetched, each with the number of its links.
    pages: BTreeMap<Page, usize>,
    /// The pages that could not be fetched, each with the last error.
    failed: BTreeMap<Page, FetchError>,
    /// Whether the crawl was stopped.
    stopped: bool,
}

impl<R: Runtime> Crawler<R> {
    fn new(rt: R, web: u32) -> Self {
        Self {
            rt,
            pages_at_once: 16,
            pages_per_host: 2,
            backoff: Backoff::exponential(Duration::from_millis(2))
                .attempts(4)
                .jitter(0.5, 42),
            web,
        }
    }

    /// Fetches `start` and all that it leads to, until nothing new is found or `stop` is cancelled.
    async fn crawl(&self, start: Page, stop: &CancellationToken) -> Crawl {
        let mut crawl = Crawl {
            pages: BTreeMap::new(),
            failed: BTreeMap::new(),
            stopped: false,
        };
        let mut hosts = BTreeMap::<u32, Semaphore>::new();
        let (mut known, mut waiting) = (BTreeSet::from([start]), vec![start]);
        // Dropped when this function ends, however it ends: then no fetch is left.
        let mut fetches = TaskGroup::new(&self.rt);
        loop {
            while fetches.len() < self.pages_at_once {
                let Some(page) = waiting.pop() else { break };
                let host = hosts
                    .entry(page.host)
                    .or_insert_with(|| Semaphore::new(self.pages_per_host));
                let (host, timer, backoff) = (host.clone(), self.rt.clone(), self.backoff.clone());
                let web = self.web;
                fetches.spawn_named(&page.to_string(), async move {
                    let _permit = host.acquire().await;
                    let mut attempt = 0;
                    let fetched = retry(&timer, &backoff, || {
                        attempt += 1;
                        fetch(&timer, page, web, attempt)
                    })
                    .when(|error: &FetchError| *error == FetchError::Busy)
                    .await;
                    (page, fetched)
                });
            }
            let (page, fetched) = match select(stop.cancelled(), fetches.join_next()).await {
                Either::Left(()) => {
                    crawl.stopped = true;
                    fetches.shutdown().await;
                    return crawl;
                }
                Either::Right(None) => return crawl,
                Either::Right(Some(Ok(ended))) => ended,
                Either::Right(Some(Err(error))) => error.resume_unwind(),
            };
            match fetched {
                Ok(links) => {
                    crawl.pages.insert(page, links.len());
                    waiting.extend(links.into_iter().filter(|&link| known.insert(link)));
                }
                Err(error) => {
                    crawl.failed.insert(page, error);
                }
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Page {
    host: u32,
    number: u32,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host{}.example/{}", self.host, self.number)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FetchError {
    Busy,
    NotFound,
}

/// A web on 5 hosts, with a few dead links, whose servers are busy now and then.
async fn fetch<T: Timer>(
    timer: &T,
    page: Page,
    web: u32,
    attempt: u32,
) -> Result<Vec<Page>, FetchError> {
    timer.sleep(Duration::from_millis(1)).await;
    match (page.number % 50, page.number % 7) {
        (49, _) => return Err(FetchError::NotFound),
        (_, 6) if attempt < 3 => return Err(FetchError::Busy),
        _ => {}
    }
    let links = [page.number * 2 + 1, page.number * 2 + 2];
    let links = links.into_iter().filter(|&number| number < web);
    Ok(links
        .map(|number| Page {
            host: number % 5,
            number,
        })
        .collect())
}

/// A program: a crawl that comes to its end, one that is stopped by the shutdown, and a task that does not listen.
async fn program<R: Runtime>(rt: R) -> (Crawl, Crawl, ShutdownReport) {
    let tracker = TaskTracker::new();
    let crawl = |name, web| {
        let (crawler, stop) = (Crawler::new(rt.clone(), web), tracker.token().clone());
        let start = Page { host: 0, number: 0 };
        tracker.spawn_named(&rt, name, async move { crawler.crawl(start, &stop).await })
    };
    let (small, endless) = (crawl("small", 300), crawl("endless", u32::MAX / 4));
    tracker
        .spawn_named(&rt, "deaf", std::future::pending::<()>())
        .detach();
    let small = small.await.unwrap_or_else(|error| error.resume_unwind());
    let report = tracker.shutdown(&rt, Duration::from_millis(500)).await;
    let endless = endless.await.unwrap_or_else(|error| error.resume_unwind());
    (small, endless, report)
}

fn show(runtime: &str, (small, endless, report): (Crawl, Crawl, ShutdownReport)) {
    println!(
        "{runtime}: {} pages, {} failed; the endless crawl was stopped: {}; {report}",
        small.pages.len(),
        small.failed.len(),
        endless.stopped,
    );
    assert!(!small.stopped && endless.stopped);
    assert!(
        small
            .failed
            .values()
            .all(|error| *error == FetchError::NotFound)
    );
    let late: Vec<_> = report.late().iter().map(|task| task.name()).collect();
    assert_eq!((late, report.stuck().len()), (vec![Some("deaf")], 0));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tokio = anyrt_tokio::Owned::launch(Config::new())?;
    show("tokio", tokio.block_on(program(tokio.handle())));
    let smol = anyrt_smol::Smol::global();
    show("smol", smol.block_on(program(smol.clone())));
    let async_std = anyrt_async_std::AsyncStd::global();
    show("async-std", async_std.block_on(program(async_std.clone())));
    let sim = anyrt_sim::Owned::launch(Config::new())?;
    show("sim", sim.block_on(program(sim.handle())));
    Ok(())
}
