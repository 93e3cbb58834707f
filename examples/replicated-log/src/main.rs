//! Runs the log in simulations.

use anyrt_replicated_log::{log::Bug, simulated};
use std::time::Instant;

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seeds: u64 = args.get(1).map_or(1000, |n| n.parse().unwrap());
    let bugs: Vec<Option<Bug>> = match args.first().map(String::as_str) {
        None | Some("all") => std::iter::once(None).chain(Bug::ALL.map(Some)).collect(),
        Some("none") => vec![None],
        Some(name) => vec![Some(name.parse().unwrap())],
    };
    for bug in bugs {
        let begun = Instant::now();
        let failure = simulated::find(bug, 0, seeds);
        let took = begun.elapsed();
        match failure {
            None => println!("{bug:?}: not found, {took:?}"),
            Some(f) => {
                println!(
                    "{bug:?}: seed {} {took:?} {} {:?}",
                    f.seed(),
                    f.message(),
                    f.replay()
                );
                if args.get(2).is_some() {
                    println!("{f}");
                }
            }
        }
    }
}
