use std::fmt;
use std::time::Duration;

use crate::log::Bug;

/// What a search for one bug came to.
#[derive(Clone, Debug)]
pub struct Row {
    /// The bug.
    pub bug: Bug,
    /// The first seed that shows it.
    pub seed: Option<u64>,
    /// How many seeds were tried at most.
    pub tried: u64,
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

/// What a failure's message says, without the task that said it.
pub fn first_words(message: &str) -> String {
    let said = message
        .split_once("panicked: ")
        .map_or(message, |(_, said)| said);
    said.lines().next().unwrap_or_default().to_owned()
}
