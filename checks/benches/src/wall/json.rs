use std::fmt::Write;

use super::{Comparison, ScalePoint, Sources, Summary};

/// Everything that was measured, for programs to read.
///
/// `simulation` is what the bench of the simulation wrote, which is JSON already.
pub fn to_json(
    sources: &Sources,
    comparisons: &[Comparison],
    scale: &[ScalePoint],
    simulation: Option<&str>,
) -> String {
    let machine = &sources.machine;
    let mut json = String::new();
    let mut put = |text: std::fmt::Arguments<'_>| {
        // A `String` takes everything.
        json.write_fmt(text).ok();
    };
    put(format_args!(
        "{{\n  \"processor\": {:?},\n  \"threads\": {},\n  \"system\": {:?},\n  \"compiler\": {:?},\n  \"date\": {:?},\n  \"load\": {:?},\n  \"rounds\": {},\n",
        machine.processor,
        machine.threads,
        machine.system,
        machine.compiler,
        machine.date,
        machine.load,
        sources.rounds
    ));
    put(format_args!("  \"operations\": ["));
    for (index, comparison) in comparisons.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        put(format_args!(
            "{comma}\n    {{\"backend\": {:?}, \"operation\": {:?}, \"ways\": [",
            comparison.key,
            comparison.operation.name()
        ));
        let ways = comparison.nanoseconds.iter().zip(&comparison.ratios);
        for (index, ((name, nanoseconds), ratio)) in ways.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            put(format_args!(
                "{comma}{{\"way\": {name:?}, \"nanoseconds\": {}, \"ratio\": {}}}",
                summary(nanoseconds),
                summary(ratio)
            ));
        }
        put(format_args!("]}}"));
    }
    put(format_args!("\n  ],\n  \"scale\": ["));
    for (index, point) in scale.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        put(format_args!(
            "{comma}\n    {{\"backend\": {:?}, \"load\": {:?}, \"way\": {:?}, \"items\": {}, \"nanoseconds_per_item\": {:.1}, \"bytes_per_item\": {:.1}}}",
            point.key,
            point.load.name(),
            point.way,
            point.items,
            point.nanoseconds,
            point.bytes
        ));
    }
    let (root, late) = (&sources.root_join, &sources.lateness);
    put(format_args!(
        "\n  ],\n  \"root_join_nanoseconds\": {{\"block_on\": {}, \"run\": {}}},\n  \
         \"lateness_microseconds\": {{\"native\": {}, \"layer\": {}}},\n  \"simulation\": {}\n}}\n",
        summary(&root.block_on),
        summary(&root.run),
        summary(&late.native),
        summary(&late.layer),
        simulation.unwrap_or("null").trim_end()
    ));
    json
}

fn summary(summary: &Summary) -> String {
    format!(
        "[{:.3}, {:.3}, {:.3}]",
        summary.low, summary.median, summary.high
    )
}
