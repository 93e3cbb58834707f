//! Looks for planted bugs in simulations of the log, and replays what it found.

use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, panic};

use anyrt_replicated_log::log::Bug;
use anyrt_replicated_log::search::{COUNTED, Row, count, page, processor_time, search};
use anyrt_replicated_log::{peers, simulated};

const USAGE: &str = "usage:
  replicated-log search [SEEDS]     look for each bug in so many seeds, 1000 unless said
  replicated-log seeds              the same, and write seeds.txt
  replicated-log record             the same, look under turmoil too, and write docs/replicated-log.md; with the feature `peers`
  replicated-log count              say how many of the first 300 seeds show each bug
  replicated-log replay BUG SEED    print the report of a seed; the bug may be `none`; reads the variables of the simulation
  replicated-log bugs               list the bugs
  replicated-log hour               run five nodes for an hour of virtual time";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<(), String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number"));
    match args {
        ["search"] => found(&look(1000), 1000),
        ["search", seeds] => {
            let seeds = number(seeds)?;
            found(&look(seeds), seeds)
        }
        ["seeds"] => write_seeds().map(drop),
        ["record"] => write_page(write_seeds()?),
        ["count"] => {
            counted(&mut look(1000));
            Ok(())
        }
        ["replay", bug, seed] => replay(bug, number(seed)?),
        ["bugs"] => {
            Bug::ALL.iter().for_each(|bug| println!("{bug}"));
            Ok(())
        }
        ["peers"] => {
            println!("tokio's paused clock: {}", peers::paused_clock());
            peers::speed().iter().for_each(|line| println!("{line}"));
            peers::search(|row| println!("{row}"));
            Ok(())
        }
        ["hour"] => {
            let begun = processor_time();
            let hour = simulated::hour(Duration::from_secs(3600));
            println!(
                "{hour:?} in {:.2} s",
                (processor_time() - begun).as_secs_f64()
            );
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn look(seeds: u64) -> Vec<Row> {
    // A panic is what is looked for, and the report has it.
    panic::set_hook(Box::new(|_| {}));
    println!(
        "{:22} {:>5} {:>8}  the report begins with",
        "bug", "seed", "seconds"
    );
    search(seeds, |row| println!("{row}"))
}

fn counted(rows: &mut [Row]) {
    println!("of {COUNTED} seeds:");
    count(rows, |row, failed| println!("{:22} {failed:>5}", row.bug));
}

fn found(rows: &[Row], seeds: u64) -> Result<(), String> {
    let missed = rows
        .iter()
        .filter(|row| row.seed.is_none())
        .map(|row| row.bug.name());
    let missed: Vec<&str> = missed.collect();
    match missed.is_empty() {
        true => Ok(()),
        false => Err(format!("not found in {seeds} seeds: {}", missed.join(", "))),
    }
}

fn write(path: &str, text: String) -> Result<(), String> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::write(&path, text).map_err(|error| format!("{path}: {error}"))
}

fn write_seeds() -> Result<Vec<Row>, String> {
    let rows = look(1000);
    found(&rows, 1000)?;
    let line = |row: &Row| Some(format!("{} {}\n", row.bug, row.seed?));
    write("seeds.txt", rows.iter().filter_map(line).collect())?;
    Ok(rows)
}

fn write_page(mut rows: Vec<Row>) -> Result<(), String> {
    counted(&mut rows);
    println!("under turmoil:");
    let turmoil = peers::search(|row| println!("{row}"));
    // The rest is to fail aloud.
    let _ = panic::take_hook();
    let (paused, speed) = (peers::paused_clock(), peers::speed());
    speed.iter().for_each(|line| println!("{line}"));
    let page = page(&rows, &turmoil, &paused, &speed);
    write("../../docs/replicated-log.md", page)
}

fn replay(bug: &str, seed: u64) -> Result<(), String> {
    let bug = match bug {
        "none" => None,
        name => Some(name.parse()?),
    };
    if env::var_os("ANYRT_SIM_SEED").is_some_and(|seed| !seed.is_empty()) {
        return Err("the seed is the argument: unset ANYRT_SIM_SEED".to_owned());
    }
    panic::set_hook(Box::new(|_| {}));
    let Err(payload) = panic::catch_unwind(|| simulated::replay(bug, seed)) else {
        println!("seed {seed} shows nothing");
        return Ok(());
    };
    let text = payload.downcast_ref::<String>().map_or("", String::as_str);
    match text.strip_prefix("anyrt-sim: ") {
        Some(report) => {
            println!("{report}");
            Ok(())
        }
        // A variable that makes no sense.
        None => Err(text.to_owned()),
    }
}
