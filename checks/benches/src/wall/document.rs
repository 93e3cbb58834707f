use std::fmt::Write;

use super::{Comparison, Lateness, Load, Machine, RootJoin, ScalePoint, Summary};
use crate::operation::Operation;

/// What the document is made of, besides the times.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Where the run was made.
    pub machine: Machine,
    /// The table of the gate of allocations, as it was printed last.
    pub allocations: Option<String>,
    /// The table of the gate of instructions, as it was printed last.
    pub instructions: Option<String>,
    /// The table of the gate of sockets, as it was printed last.
    pub sockets: Option<String>,
    /// What the bench of sockets wrote last.
    pub servers: Option<String>,
    /// What `checks/benches/compile-time` printed last.
    pub compile_time: Option<String>,
    /// What the bench of the simulation printed last.
    pub simulation: Option<String>,
    /// How often each pair took turns.
    pub rounds: usize,
    /// Spawning from the root.
    pub root_join: RootJoin,
    /// The lateness of async-std's sleeps.
    pub lateness: Lateness,
}

/// Writes `docs/cost-measured.md`.
pub fn document(sources: &Sources, comparisons: &[Comparison], scale: &[ScalePoint]) -> String {
    let mut page = String::from(INTRODUCTION);
    machine(&mut page, &sources.machine, sources.rounds);
    page.push_str("\n## Gates\n\n");
    page.push_str(GATES);
    verbatim(&mut page, "Instructions", sources.instructions.as_deref());
    verbatim(&mut page, "Allocations", sources.allocations.as_deref());
    verbatim(&mut page, "Sockets", sources.sockets.as_deref());
    ratios(&mut page, comparisons);
    page.push_str(SERVERS);
    page.push_str(
        sources
            .servers
            .as_deref()
            .unwrap_or("Not measured: the bench `sockets` does it.\n"),
    );
    below(&mut page, sources, comparisons);
    simulation(&mut page, sources.simulation.as_deref());
    growth(&mut page, scale);
    page.push_str("\n## Compile time\n\n");
    match &sources.compile_time {
        Some(text) => put(&mut page, format_args!("```text\n{}\n```", text.trim_end())),
        None => page.push_str("Not measured: `checks/benches/compile-time` does it.\n"),
    }
    page
}

const INTRODUCTION: &str = "# What was measured

[cost.md](cost.md) says what a user pays. This page holds the figures of one run of `checks/benches/regenerate`. The code that is compared,
native and through the layer, is in `checks/benches/tokio` and the folders of the other runtimes beside it, and in
`checks/benches/kit/src`.

";

const GATES: &str = "`.ci/run` counts allocations and instructions and is red above the limits, which `checks/benches/README.md` explains. These counts
repeat to within a few instructions; times, further below, do not, and decide nothing. Negative differences are where the layer
is cheaper than native code.
";

const STRUCTURED: &str = "
### Structured tasks

`anyrt-structured` beside what users of the runtime write: on tokio `JoinSet` and its semaphore, on smol `FuturesUnordered` and
async-lock's. A group is spawned and joined, and counted per task; the gate of instructions holds groups on tokio to 1.1 of
`JoinSet`. A scope does more than its neighbour here: it cancels its tasks where it ends early. Each number is the ratio to
native.

";

const SERVERS: &str = "
## Servers

A server of one thread, native and through the layer in turns, and its client in a process of its own: 1 GiB one way, and messages of
16 KiB there and back. The time is the client's, the processor time the server's; each ratio is the median, with quartiles in brackets.

![servers](cost-sockets.svg)

";

const PEERS: &str = "
### Beside other layers

The same work through other layers; each number is the ratio to native. Where a layer is not in a table, it does not run there;
tor-rtcompat's smol runs only while somebody blocks on it, on that one thread, and is not compared.

";

const SIMULATION: &str = "
## Simulation

`anyrt-sim`, and the same program, which knows no runtime, on it and on tokio with its clock paused, in turns. On tokio every seed
takes the same order; that is what the time buys.

";

const CLAIMS: &str = "
## Below native

Where the layer claims to be cheaper than native code. A figure that is not below native says that the claim does not hold there;
it stays in the list, so that nobody believes it. Instructions are those of the gate.

| claim | instructions, native | through the layer | time, layer / native |
| --- | --- | --- | --- |
";

fn machine(page: &mut String, machine: &Machine, rounds: usize) {
    put(page, format_args!("| | |\n| --- | --- |"));
    put(page, format_args!("| date | {} |", machine.date));
    put(
        page,
        format_args!(
            "| processor | {}, {} threads |",
            machine.processor, machine.threads
        ),
    );
    put(page, format_args!("| system | {} |", machine.system));
    put(page, format_args!("| compiler | {} |", machine.compiler));
    put(
        page,
        format_args!("| load when the run began | {} |", machine.load),
    );
    put(page, format_args!("| rounds of each pair | {rounds} |"));
    let versions: Vec<String> = machine
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    put(page, format_args!("| versions | {} |", versions.join(", ")));
}

fn verbatim(page: &mut String, title: &str, text: Option<&str>) {
    put(page, format_args!("\n### {title}\n"));
    match text {
        Some(text) => put(page, format_args!("```text\n{}\n```", text.trim_end())),
        None => page.push_str("Not measured with this run.\n"),
    }
}

fn ratios(page: &mut String, comparisons: &[Comparison]) {
    page.push_str(
        "\n## Times\n\nNanoseconds per operation natively, and the ratio layer/native: median, and quartiles in brackets. Both ways run in turns \
         in one process, and each round begins with the other one. A pair `+any` compares the erased form with the static one. \
         `blocking` crosses threads.\n\n![ratios](cost.svg)\n\n",
    );
    put(
        page,
        format_args!(
            "| backend | operation | native, ns | layer / native |\n| --- | --- | --- | --- |"
        ),
    );
    for comparison in comparisons {
        let Some(((_, native), ratio)) =
            comparison.nanoseconds.first().zip(comparison.ratios.get(1))
        else {
            continue;
        };
        if is_of_peers(comparison) || is_structured(comparison) {
            continue;
        }
        put(
            page,
            format_args!(
                "| {} | {} | {:.0} | {} |",
                comparison.key,
                comparison.operation.name(),
                native.median,
                with_quartiles(ratio)
            ),
        );
    }
    ways(page, STRUCTURED, comparisons, is_structured);
    ways(page, PEERS, comparisons, is_of_peers);
}

fn is_structured(comparison: &Comparison) -> bool {
    Operation::STRUCTURED.contains(&comparison.operation)
}

fn is_of_peers(comparison: &Comparison) -> bool {
    comparison.key.starts_with("peers ")
}

/// A row for each way but the native one.
fn ways(
    page: &mut String,
    title: &str,
    comparisons: &[Comparison],
    is_chosen: fn(&Comparison) -> bool,
) {
    if !comparisons.iter().any(is_chosen) {
        return;
    }
    page.push_str(title);
    put(
        page,
        format_args!(
            "| backend | operation | native, ns | way | ratio |\n| --- | --- | --- | --- | --- |"
        ),
    );
    for comparison in comparisons
        .iter()
        .filter(|comparison| is_chosen(comparison))
    {
        let native = comparison.nanoseconds.first();
        let native = native.map_or(0.0, |(_, summary)| summary.median);
        let ways = comparison.nanoseconds.iter().zip(&comparison.ratios);
        for ((name, _), ratio) in ways.skip(1) {
            put(
                page,
                format_args!(
                    "| {} | {} | {native:.0} | {name} | {} |",
                    comparison.key,
                    comparison.operation.name(),
                    with_quartiles(ratio)
                ),
            );
        }
    }
}

fn below(page: &mut String, sources: &Sources, comparisons: &[Comparison]) {
    page.push_str(CLAIMS);
    let mut claim = |what: &str, key: &str, operation: Operation| {
        let ratio = comparisons
            .iter()
            .find(|comparison| comparison.key == key && comparison.operation == operation)
            .and_then(|comparison| comparison.ratios.get(1))
            .map_or("not measured".to_owned(), with_quartiles);
        let (native, layer) = sources
            .instructions
            .as_deref()
            .and_then(|table| counted(table, key, operation))
            .unwrap_or(("not counted", "not counted"));
        put(
            page,
            format_args!("| {what}, {key} | {native} | {layer} | {ratio} |"),
        );
    };
    for key in [
        "tokio-multi-thread+ambient",
        "tokio-multi-thread",
        "tokio-current-thread",
        "async-std",
    ] {
        claim(
            "a timeout of a ready future: one reading of the clock, and no timer",
            key,
            Operation::TimeoutReady,
        );
    }
    for operation in [Operation::SpawnJoin, Operation::Batch, Operation::Detach] {
        let what = format!(
            "the owned executor beside `async_executor::Executor`, {}",
            operation.name()
        );
        claim(&what, "smol-owned", operation);
    }
    page.push_str("\n| claim | native | through the layer |\n| --- | --- | --- |\n");
    let RootJoin { block_on, run } = &sources.root_join;
    put(
        page,
        format_args!(
            "| a spawn and join from the root, tokio-multi-thread: in `block_on`, and in `run`, which `#[anyrt::main]` calls | {:.0} ns | {:.0} ns |",
            block_on.median, run.median
        ),
    );
    let Lateness { native, layer } = &sources.lateness;
    put(
        page,
        format_args!(
            "| lateness of a sleep among 10 000, async-std: median and upper quartile | {:.0} µs, {:.0} µs | {:.0} µs, {:.0} µs |",
            native.median, native.high, layer.median, layer.high
        ),
    );
}

/// The counts of native and layer in the table of the gate.
fn counted<'a>(table: &'a str, key: &str, operation: Operation) -> Option<(&'a str, &'a str)> {
    table.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        if words.next()? != key || words.next()? != operation.name() {
            return None;
        }
        Some((words.next()?, words.next()?))
    })
}

fn simulation(page: &mut String, text: Option<&str>) {
    page.push_str(SIMULATION);
    match text {
        Some(text) => put(page, format_args!("```text\n{}\n```", text.trim_end())),
        None => page.push_str("Not measured: the bench `sim` does it.\n"),
    }
}

fn growth(page: &mut String, scale: &[ScalePoint]) {
    page.push_str("\n## Scale\n\nCost per item as the number of items grows.\n");
    for load in Load::ALL {
        put(page, format_args!("\n### {}\n", load.name()));
        let unit = if load == Load::Parked { "B" } else { "ns" };
        let mut steps: Vec<usize> = Vec::new();
        for point in scale.iter().filter(|point| point.load == load) {
            if !steps.contains(&point.items) {
                steps.push(point.items);
            }
        }
        let heads: Vec<String> = steps.iter().map(|items| format!("{items}")).collect();
        put(
            page,
            format_args!(
                "| {unit} per item | | {} |\n| --- | --- |{}",
                heads.join(" | "),
                " --- |".repeat(steps.len())
            ),
        );
        let mut rows: Vec<(&str, &str)> = Vec::new();
        for point in scale.iter().filter(|point| point.load == load) {
            if !rows.contains(&(point.key, point.way)) {
                rows.push((point.key, point.way));
            }
        }
        for (key, way) in rows {
            let cells: Vec<String> = scale
                .iter()
                .filter(|point| point.load == load && point.key == key && point.way == way)
                .map(|point| {
                    format!(
                        "{:.0}",
                        if load == Load::Parked {
                            point.bytes
                        } else {
                            point.nanoseconds
                        }
                    )
                })
                .collect();
            put(
                page,
                format_args!("| {key} | {way} | {} |", cells.join(" | ")),
            );
        }
        let file = load.name().replace(' ', "-");
        put(page, format_args!("\n![{}](cost-{file}.svg)", load.name()));
    }
}

fn with_quartiles(summary: &Summary) -> String {
    format!(
        "{:.2} [{:.2}, {:.2}]",
        summary.median, summary.low, summary.high
    )
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    // A `String` takes everything.
    writeln!(page, "{text}").ok();
}
