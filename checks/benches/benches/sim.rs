//! `cargo bench -p anyrt-benches --features paused-clock --bench sim`: the simulation, beside tokio's paused clock.
//!
//! A bench of its own, because tokio reads its clock in another way where it can be paused, and the other benches compare with
//! the tokio that programs have. `-- --quick` takes a tenth of the work. The table goes into cargo's target folder, from where
//! `--document` takes it.

use std::fs;
use std::future::Future;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyrt_benches::wall::Summary;
use anyrt_core::{BlockOn, Config, Flavor, Launch, Runtime, Spawn, yield_now};
use anyrt_sim::{Policy, Sim};
use anyrt_structured::SplitMix64;

const TASKS: u64 = 100;
const SLEEPS: u64 = 100;

/// How many seeds each way takes before it is the other's turn.
const TURN: u64 = 10;

fn main() -> io::Result<()> {
    let is_quick = std::env::args().any(|word| word == "--quick");
    let turns = if is_quick { 10 } else { 100 };
    let (seeded, first) = (polls(Policy::Random, turns), polls(Policy::Fifo, turns));
    let (mut sim, mut tokio) = (Vec::new(), Vec::new());
    for turn in 0..turns {
        let seeds = turn * TURN..(turn + 1) * TURN;
        let mut both = [
            (&mut sim, on_sim as fn(u64)),
            (&mut tokio, on_tokio as fn(u64)),
        ];
        if turn % 2 == 1 {
            both.reverse();
        }
        for (times, run) in both {
            times.push(timed(|| seeds.clone().for_each(run)).as_secs_f64());
        }
    }
    let ratio = Summary::of(
        sim.iter()
            .zip(&tokio)
            .map(|(sim, tokio)| sim / tokio)
            .collect(),
    );
    let (sim, tokio): (f64, f64) = (sim.iter().sum(), tokio.iter().sum());
    let seeds = turns * TURN;
    let text = format!(
        "{TASKS} tasks that yield, million polls a second\n\
         {:<44} {seeded:>6.1}\n{:<44} {first:>6.1}\n\
         {seeds} seeds of {TASKS} tasks with {SLEEPS} sleeps each, seconds of processor time on one thread\n\
         {:<44} {sim:>6.1}\n{:<44} {tokio:>6.1}\n{:<44} {:>6.2} [{:.2}, {:.2}]\n",
        "anyrt-sim, seeded order",
        "anyrt-sim, first in first out",
        "anyrt-sim, seeded order",
        "tokio current-thread, its clock paused",
        "anyrt-sim / tokio, median and quartiles",
        ratio.median,
        ratio.low,
        ratio.high
    );
    print!("{text}");
    let json = format!(
        "{{\"tasks\": {TASKS}, \"sleeps\": {SLEEPS}, \"seeds\": {seeds}, \"sim_seconds\": {sim:.3}, \
         \"tokio_paused_seconds\": {tokio:.3}, \"ratio\": [{:.3}, {:.3}, {:.3}], \
         \"million_polls_per_second\": {{\"random\": {seeded:.3}, \"fifo\": {first:.3}}}}}\n",
        ratio.low, ratio.median, ratio.high
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join("sim.txt"), text)?;
    fs::write(folder.join("sim.json"), json)?;
    Ok(())
}

/// The program: the same on either, with sleeps of up to a second that `seed` draws.
async fn program<R: Runtime>(rt: R, seed: u64) {
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (timer, mut rng) = (rt.clone(), SplitMix64::new(seed * TASKS + task));
            rt.spawn(async move {
                for _ in 0..SLEEPS {
                    timer
                        .sleep(Duration::from_micros(rng.below(1_000_000)))
                        .await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it only sleeps");
    }
}

fn on_sim(seed: u64) {
    let owned = Sim::builder().seed(seed).build();
    owned.block_on(program(owned.handle(), seed));
}

fn on_tokio(seed: u64) {
    let config = Config::new().flavor(Flavor::CurrentThread);
    let owned = anyrt_tokio::Owned::launch(config).expect("tokio honours the flavor");
    owned.block_on(paused(program(owned.handle(), seed)));
}

async fn paused(program: impl Future<Output = ()>) {
    tokio::time::pause();
    program.await;
}

/// Millions of polls per second.
fn polls(policy: Policy, turns: u64) -> f64 {
    let owned = Sim::builder().policy(policy).build();
    let sim = owned.handle();
    for _ in 0..TASKS {
        sim.spawn_detached(async move {
            for _ in 0..turns * 200 {
                yield_now().await;
            }
        });
    }
    let took = timed(|| sim.run_until_stalled());
    sim.steps() as f64 / took.as_secs_f64() / 1e6
}

/// How long `work` keeps this thread's processor busy, as far as the system tells; else by the clock.
fn timed(work: impl FnOnce()) -> Duration {
    let (start, busy) = (Instant::now(), busy());
    work();
    match (busy, self::busy()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed(),
    }
}

fn busy() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
