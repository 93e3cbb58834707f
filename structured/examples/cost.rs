//! What a group costs beside tokio's `JoinSet` and futures' `FuturesUnordered`: `cargo run --release --example cost`.
//!
//! Each line is the median of rounds that take turns, so that a busy machine disturbs all of them alike.

use std::time::{Duration, Instant};

use anyrt_core::{Config, Flavor, prelude::*};
use anyrt_structured::TaskGroup;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

const ROUNDS: usize = 61;

async fn native(tasks: usize) {
    let mut set = tokio::task::JoinSet::new();
    for n in 0..tasks {
        set.spawn(async move { n });
    }
    while let Some(output) = set.join_next().await {
        std::hint::black_box(output.is_ok());
    }
}

async fn grouped<R: Runtime>(rt: R, tasks: usize) {
    let mut group = TaskGroup::new(rt);
    for n in 0..tasks {
        group.spawn(async move { n });
    }
    while let Some(output) = group.join_next().await {
        std::hint::black_box(output.is_ok());
    }
}

async fn unordered<R: Runtime>(rt: R, tasks: usize) {
    let mut set = FuturesUnordered::new();
    for n in 0..tasks {
        set.push(rt.spawn(async move { n }));
    }
    while let Some(output) = set.next().await {
        std::hint::black_box(output.is_ok());
    }
}

/// A set that is never large: one in, one out.
async fn native_window(tasks: usize) {
    let mut set = tokio::task::JoinSet::new();
    for n in 0..tasks {
        if set.len() == 32 {
            std::hint::black_box(set.join_next().await.is_some());
        }
        set.spawn(async move { n });
    }
    while set.join_next().await.is_some() {}
}

async fn grouped_window<R: Runtime>(rt: R, tasks: usize) {
    let mut group = TaskGroup::new(rt);
    for n in 0..tasks {
        if group.len() == 32 {
            std::hint::black_box(group.join_next().await.is_some());
        }
        group.spawn(async move { n });
    }
    while group.join_next().await.is_some() {}
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort_unstable();
    times[times.len() / 2].as_nanos()
}

/// One of them alone, for a profiler: `cost native 100`.
fn profile(what: &str, tasks: usize) -> Result<(), Box<dyn std::error::Error>> {
    let owned = anyrt_tokio::Owned::launch(Config::new().flavor(Flavor::CurrentThread))?;
    let rt = owned.handle();
    for _ in 0..20_000 / tasks {
        match what {
            "native" => owned.run(native(tasks)),
            "grouped" => owned.run(grouped(rt.clone(), tasks)),
            _ => owned.run(unordered(rt.clone(), tasks)),
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    if let (Some(what), Some(tasks)) = (arguments.next(), arguments.next()) {
        return profile(&what, tasks.parse()?);
    }
    for (name, config) in [
        (
            "current-thread",
            Config::new().flavor(Flavor::CurrentThread),
        ),
        ("multi-thread, 2 workers", Config::new().worker_threads(2)),
    ] {
        let owned = anyrt_tokio::Owned::launch(config)?;
        let rt = owned.handle();
        for tasks in [1, 100, 10_000] {
            let repeat = 10_000 / tasks;
            let mut times: [Vec<Duration>; 5] = Default::default();
            for _ in 0..ROUNDS {
                times[0].push(time(|| (0..repeat).for_each(|_| owned.run(native(tasks)))));
                times[1].push(time(|| {
                    (0..repeat).for_each(|_| owned.run(grouped(rt.clone(), tasks)))
                }));
                times[2].push(time(|| {
                    (0..repeat).for_each(|_| owned.run(unordered(rt.clone(), tasks)))
                }));
                times[3].push(time(|| {
                    (0..repeat).for_each(|_| owned.run(native_window(tasks)))
                }));
                times[4].push(time(|| {
                    (0..repeat).for_each(|_| owned.run(grouped_window(rt.clone(), tasks)))
                }));
            }
            let per_task = times.map(|times| median(times) / 10_000);
            let ratio = |part: u128, whole: u128| part as f64 / whole.max(1) as f64;
            println!(
                "{name}, {tasks} tasks: JoinSet {} ns, TaskGroup {} ns ({:.2}), FuturesUnordered {} ns; window of 32: JoinSet {} ns, TaskGroup {} ns ({:.2})",
                per_task[0],
                per_task[1],
                ratio(per_task[1], per_task[0]),
                per_task[2],
                per_task[3],
                per_task[4],
                ratio(per_task[4], per_task[3]),
            );
        }
    }
    Ok(())
}
