//! `cargo bench -p anyrt-benches`: times, as a table; with `-- --document` also as
//! `docs/cost-measured.md` and its plots.
//!
//! `-- --quick` takes few rounds and small loads; any other word selects the backends that contain it, and writes nothing.

use std::alloc::System;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::panic;
use std::path::Path;

use anyrt_benches::alloc::Counting;
use anyrt_benches::backends::{KEYS, operations, start};
use anyrt_benches::measure::Measure;
use anyrt_benches::wall::{
    Comparison, Load, Machine, ScalePoint, Series, Sources, Summary, bars, compare, document,
    lateness, lines, root_join, run_scale, to_json,
};

// It counts the bytes of parked tasks; both ways pay for the counting.
#[global_allocator]
static ALLOCATOR: Counting = Counting(System);

fn main() -> io::Result<()> {
    // The panics here are on purpose, and printing them takes time.
    panic::set_hook(Box::new(|_| ()));
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let is_set = |flag: &str| arguments.iter().any(|word| word == flag);
    let filter = arguments.iter().find(|word| !word.starts_with("--"));
    let (rounds, most) = if is_set("--quick") {
        (5, 10_000)
    } else {
        (31, 1_000_000)
    };
    let machine = Machine::read();
    let mut comparisons = Vec::new();
    let chosen = |key: &str| filter.is_none_or(|part| key.contains(part.as_str()));
    for key in KEYS.iter().filter(|key| chosen(key)) {
        let pair = start(key, 2);
        for &operation in operations(key) {
            progress(&format!("{key} {}", operation.name()))?;
            let mut ways: Vec<(&str, &dyn Measure)> =
                vec![("native", &*pair.native), ("layer", &*pair.layer)];
            for beside in &pair.beside {
                if beside.operations.contains(&operation) {
                    ways.push((beside.name, &*beside.way));
                }
            }
            let comparison = compare(key, operation, &ways, rounds);
            progress("")?;
            print_comparison(&comparison);
            comparisons.push(comparison);
        }
    }
    compare_peers(&chosen, rounds, &mut comparisons)?;
    if filter.is_some() {
        return Ok(());
    }
    let mut scale = Vec::new();
    run_scale(most, &mut |point| {
        println!("{point}");
        scale.push(point.clone());
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // What the gates and the other measurements wrote last.
    let table = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let sources = Sources {
        machine,
        allocations: table("allocations.txt"),
        instructions: table("instructions.txt"),
        sockets: table("sockets.txt"),
        servers: table("sockets-wall.txt"),
        compile_time: table("compile-time.txt"),
        simulation: table("sim.txt"),
        rounds,
        root_join: root_join(rounds),
        lateness: lateness(3),
    };
    println!("{:?}\n{:?}", sources.root_join, sources.lateness);
    let simulation = table("sim.json");
    let json = to_json(&sources, &comparisons, &scale, simulation.as_deref());
    fs::write(folder.join("cost.json"), &json)?;
    println!("{}", folder.join("cost.json").display());
    if is_set("--document") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        fs::write(docs.join("cost.json"), &json)?;
        fs::write(
            docs.join("cost-measured.md"),
            document(&sources, &comparisons, &scale),
        )?;
        // Peers have a table of their own.
        let shown: Vec<(String, Summary)> = comparisons
            .iter()
            .filter(|comparison| KEYS.contains(&comparison.key.as_str()))
            .filter_map(|comparison| {
                let name = format!("{} {}", comparison.key, comparison.operation.name());
                Some((name, *comparison.ratios.get(1)?))
            })
            .collect();
        fs::write(
            docs.join("cost.svg"),
            bars("time through the layer / native", &shown),
        )?;
        for load in Load::ALL {
            let file = format!("cost-{}.svg", load.name().replace(' ', "-"));
            fs::write(docs.join(file), plot(load, &scale))?;
        }
    }
    Ok(())
}

/// The same work through other layers.
#[cfg(feature = "peers")]
fn compare_peers(
    chosen: &dyn Fn(&str) -> bool,
    rounds: usize,
    comparisons: &mut Vec<Comparison>,
) -> io::Result<()> {
    use anyrt_benches::peers;

    for key in peers::KEYS {
        let name = format!("peers on {key}");
        if !chosen(&name) {
            continue;
        }
        let started = peers::start(key);
        for operation in peers::OPERATIONS {
            progress(&format!("{name} {}", operation.name()))?;
            let ways: Vec<(&str, &dyn Measure)> =
                started.iter().map(|(name, way)| (*name, &**way)).collect();
            let comparison = compare(&name, operation, &ways, rounds);
            progress("")?;
            print_comparison(&comparison);
            comparisons.push(comparison);
        }
    }
    Ok(())
}

/// Does nothing: the feature `peers` is off.
#[cfg(not(feature = "peers"))]
fn compare_peers(_: &dyn Fn(&str) -> bool, _: usize, _: &mut Vec<Comparison>) -> io::Result<()> {
    Ok(())
}

/// Shows what is being measured, on a line that the next one overwrites.
fn progress(text: &str) -> io::Result<()> {
    eprint!("\r{text:<50}\r");
    io::stderr().flush()
}

fn print_comparison(comparison: &Comparison) {
    print!("{:<30} {:<16}", comparison.key, comparison.operation.name());
    for ((name, nanoseconds), ratio) in comparison.nanoseconds.iter().zip(&comparison.ratios) {
        print!(
            " | {name} {:>8.0} ns {:.2} [{:.2}, {:.2}]",
            nanoseconds.median, ratio.median, ratio.low, ratio.high
        );
    }
    println!();
}

fn plot(load: Load, scale: &[ScalePoint]) -> String {
    let mut series: Vec<Series> = Vec::new();
    for point in scale.iter().filter(|point| point.load == load) {
        let name = format!("{} {}", point.key, point.way);
        let up = if load == Load::Parked {
            point.bytes
        } else {
            point.nanoseconds
        };
        let across = point.items as f64;
        match series.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push((across, up)),
            None => series.push(Series {
                name,
                points: vec![(across, up)],
            }),
        }
    }
    let up = if load == Load::Parked {
        "bytes per task"
    } else {
        "ns per item"
    };
    lines(load.name(), "items", up, &series)
}
