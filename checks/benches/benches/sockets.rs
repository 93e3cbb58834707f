//! `cargo bench -p anyrt-benches --bench sockets`: how long servers take, natively and through the layer, in turns in one process; their
//! clients are processes of their own. `-- --document` writes `docs/cost-sockets.json` and its plot, `-- --quick` takes one round.

use std::env;
use std::fs;
use std::io;
use std::path::Path;

use anyrt_benches::sockets::server::{self, Work};
use anyrt_benches::sockets::{SERVERS, Side};
use anyrt_benches::wall::{Machine, Summary, bars};

fn main() -> io::Result<()> {
    if server::was_client()? {
        return Ok(());
    }
    let is_set = |flag: &str| env::args().any(|word| word == flag);
    let rounds = if is_set("--quick") { 1 } else { 7 };
    let mut rows = Vec::new();
    for &backend in SERVERS {
        for work in Work::ALL {
            let row = compare(backend, work, rounds)?;
            println!("{}", row.text());
            rows.push(row);
        }
    }
    let json = to_json(&Machine::read(), rounds, &rows);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let table: String = rows.iter().map(|row| row.text() + "\n").collect();
    fs::write(folder.join("sockets-wall.txt"), TITLE.to_owned() + &table)?;
    if is_set("--document") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        fs::write(docs.join("cost-sockets.json"), json)?;
        let bar = |row: &Row| (format!("{} {}", row.backend, row.work.name), row.processor);
        let shown: Vec<_> = rows.iter().map(bar).collect();
        let title = "a server's processor time through the layer / native";
        fs::write(docs.join("cost-sockets.svg"), bars(title, &shown))?;
    }
    Ok(())
}

const TITLE: &str = "| backend | server | native, ms | time, layer / native | processor time | processor time, AnyNet |\n| --- | --- | --- | --- | --- | --- |\n";

struct Row {
    backend: &'static str,
    work: Work,
    /// Milliseconds.
    native: Summary,
    wall: Summary,
    processor: Summary,
    any: Summary,
}

impl Row {
    fn text(&self) -> String {
        let ratio =
            |ratio: &Summary| format!("{:.2} [{:.2}, {:.2}]", ratio.median, ratio.low, ratio.high);
        format!(
            "| {} | {} | {:.0} | {} | {} | {} |",
            self.backend,
            self.work.name,
            self.native.median,
            ratio(&self.wall),
            ratio(&self.processor),
            ratio(&self.any)
        )
    }
}

/// In turns; each round begins with another side.
fn compare(backend: &'static str, work: Work, rounds: usize) -> io::Result<Row> {
    let (mut native, mut wall, mut processor, mut any) = (vec![], vec![], vec![], vec![]);
    for round in 0..rounds {
        let mut spent = [None; 3];
        for turn in 0..3 {
            let index = (round + turn) % 3;
            spent[index] = Some(server::serve(backend, Side::ALL[index], work)?);
        }
        let [Some(by_hand), Some(layer), Some(erased)] = spent else {
            unreachable!("each side has its turn");
        };
        native.push(by_hand.wall.as_secs_f64() * 1000.0);
        wall.push(layer.wall.as_secs_f64() / by_hand.wall.as_secs_f64());
        let base = by_hand.processor.as_secs_f64();
        processor.push(layer.processor.as_secs_f64() / base);
        any.push(erased.processor.as_secs_f64() / base);
    }
    Ok(Row {
        backend,
        work,
        native: Summary::of(native),
        wall: Summary::of(wall),
        processor: Summary::of(processor),
        any: Summary::of(any),
    })
}

fn to_json(machine: &Machine, rounds: usize, rows: &[Row]) -> String {
    let summary = |summary: &Summary| {
        format!(
            "[{:.3}, {:.3}, {:.3}]",
            summary.low, summary.median, summary.high
        )
    };
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "    {{\"backend\": {:?}, \"server\": {:?}, \"native_milliseconds\": {}, \"time_ratio\": {}, \"processor_ratio\": {}, \
                 \"any_processor_ratio\": {}}}",
                row.backend,
                row.work.name,
                summary(&row.native),
                summary(&row.wall),
                summary(&row.processor),
                summary(&row.any)
            )
        })
        .collect();
    format!(
        "{{\n  \"processor\": {:?},\n  \"threads\": {},\n  \"system\": {:?},\n  \"compiler\": {:?},\n  \"date\": {:?},\n  \"load\": {:?},\n  \
         \"rounds\": {rounds},\n  \"servers\": [\n{}\n  ]\n}}\n",
        machine.processor,
        machine.threads,
        machine.system,
        machine.compiler,
        machine.date,
        machine.load,
        rows.join(",\n")
    )
}
