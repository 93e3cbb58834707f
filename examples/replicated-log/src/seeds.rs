use crate::log::Bug;

/// A seed under which the simulation finds a bug, as `seeds.txt` has it. The command `search` writes that file.
///
/// # Panics
///
/// When the file has none.
pub fn recorded_seed(bug: Bug) -> u64 {
    let lines = include_str!("../seeds.txt").lines();
    let mut of_bug = lines.filter_map(|line| line.strip_prefix(bug.name())?.trim().parse().ok());
    let seed = of_bug.next();
    seed.unwrap_or_else(|| panic!("seeds.txt has no seed for {bug}"))
}
