use std::fmt;
use std::time::Duration;

use crate::log::Bug;

/// Of how many seeds it is counted which show a bug.
pub const COUNTED: u64 = 300;

/// What a search for one bug came to.
#[derive(Clone, Debug)]
pub struct Row {
    /// The bug.
    pub bug: Bug,
    /// The first seed that shows it.
    pub seed: Option<u64>,
    /// How many seeds were tried at most.
    pub tried: u64,
    /// How many of the first [`COUNTED`] seeds show it, where that was counted.
    pub shown_by: Option<u64>,
    /// How much processor time the search took.
    pub took: Duration,
    /// What the report says first.
    pub says: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seed = self
            .seed
            .map_or_else(|| "none".to_owned(), |seed| seed.to_string());
        let took = self.took.as_secs_f64();
        write!(f, "{:22} {seed:>5} {took:>8.2}  {}", self.bug, self.says)
    }
}

/// What a failure's message says, without the task and the place that said it.
pub fn first_words(message: &str) -> String {
    let panic = message.split_once("panicked");
    let said = panic.and_then(|(_, said)| said.split_once(": "));
    let said = said.map_or(message, |(_, said)| said);
    said.lines().next().unwrap_or_default().to_owned()
}
