use std::time::Duration;

use crate::log::Bug;

/// What a search for one bug came to.
#[derive(Clone, Debug)]
pub struct Row {
    /// The bug.
    pub bug: Bug,
    /// The first seed that shows it.
    pub seed: Option<u64>,
    /// How long the search took, in real time.
    pub took: Duration,
    /// What the report says first.
    pub says: String,
}

/// What a failure's message says, without the task that said it.
pub fn first_words(message: &str) -> String {
    let said = message
        .split_once("panicked: ")
        .map_or(message, |(_, said)| said);
    said.lines().next().unwrap_or_default().to_owned()
}
