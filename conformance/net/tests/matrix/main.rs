//! Every rule on every backend, and every flaw under the rules that see it: each case in a process of its own, with a watchdog.
//!
//! `cargo test -p anyrt-conformance-net --test matrix` runs all of them. Arguments narrow it: those that a case's name
//! (`backend/rule`) contains.

mod backends;
mod mutants;
mod runner;

fn main() {
    let mut cases = backends::cases();
    cases.extend(mutants::cases());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, name] if flag == "--case" => runner::run_one(&cases, name),
        filters => runner::run_all(&cases, filters),
    }
}
