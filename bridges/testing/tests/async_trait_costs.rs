//! What a call of a trait's async method costs, as the manual's page says it. A program of its own, with one test: it counts what the
//! whole process allocates.

#[path = "async_trait/page.rs"]
#[expect(unreachable_pub, reason = "the page shows a library's own traits")]
mod page;

use std::alloc::System;
use std::cell::Cell;
use std::io;
use std::mem::size_of_val;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyrt_core::Launch as _;
use anyrt_sim::Sim;
use async_trait::async_trait;
use futures::FutureExt as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

use page::{Deliver, DeliverDyn, Slowly, to_all, to_all_dyn};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CALLS: usize = 1000;

const RUNS: usize = 10;

/// What `work` allocates: the least of some runs, because the thread that started the test may allocate beside one of them.
fn allocated(mut work: impl FnMut()) -> Stats {
    let runs = (0..RUNS).map(|_| {
        let region = Region::new(COUNTING);
        work();
        region.change()
    });
    let least = runs.min_by_key(|made| (made.allocations, made.bytes_allocated));
    least.expect("there are runs")
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Deliver for Count {
    async fn deliver(&self, text: &str) -> io::Result<()> {
        self.0.fetch_add(text.len(), Ordering::Relaxed);
        Ok(())
    }
}

/// The trait that is written with async-trait alone.
#[async_trait]
trait Boxed: Sync {
    async fn boxed(&self, text: &str) -> io::Result<()>;
}

#[async_trait]
impl Boxed for Count {
    async fn boxed(&self, text: &str) -> io::Result<()> {
        self.deliver(text).await
    }
}

async fn to_all_boxed<B: Boxed>(all: &[B], text: &str) -> io::Result<()> {
    for one in all {
        one.boxed(text).await?;
    }
    Ok(())
}

#[test]
fn a_static_call_allocates_nothing_and_a_boxed_one_once() {
    let known: [Count; CALLS] = std::array::from_fn(|_| Count::default());
    let erased: [Box<dyn DeliverDyn>; CALLS] =
        std::array::from_fn(|_| Box::<Count>::default() as _);
    let done = |future: Option<io::Result<()>>| future.expect("it is ready").expect("it delivers");

    let made = allocated(|| done(to_all(&known, "moin").now_or_never()));
    assert_eq!(made.allocations, 0, "{made:?}");

    let made = allocated(|| done(to_all_dyn(&erased, "moin").now_or_never()));
    assert_eq!(made.allocations, CALLS, "{made:?}");

    // async-trait boxes where the type is known, too.
    let made = allocated(|| done(to_all_boxed(&known, "moin").now_or_never()));
    assert_eq!(made.allocations, CALLS, "{made:?}");
    let delivered = known.iter().map(|one| one.0.load(Ordering::Relaxed));
    assert_eq!(delivered.sum::<usize>(), 2 * RUNS * CALLS * "moin".len());

    // The box is as large as the future, and with it all that the call holds across its awaits.
    let sim = Sim::builder().build();
    let slowly = Slowly {
        runtime: sim.handle(),
        pause: Duration::from_secs(1),
        to: Count::default(),
    };
    let size = Cell::new(0);
    let made = allocated(|| {
        let future = slowly.deliver_dyn("moin");
        size.set(size_of_val(&*future));
    });
    assert_eq!((made.allocations, made.bytes_allocated), (1, size.get()));
    let future = slowly.deliver("moin");
    assert!(size.get() >= size_of_val(&future), "{}", size.get());
}
