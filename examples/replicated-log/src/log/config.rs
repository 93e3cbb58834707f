use std::net::SocketAddr;
use std::time::Duration;

use super::Bug;

/// What a node is told when it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which of the addresses is its own.
    pub id: usize,
    /// Where the nodes are.
    pub nodes: Vec<SocketAddr>,
    /// How often a leader says that it is there.
    pub heartbeat: Duration,
    /// The silence after which a node stands for election, and up to twice as long.
    pub election: Duration,
    /// How long a leader answers reads by itself after a majority has heard it. Shorter than `election` by as much as clocks differ.
    pub lease: Duration,
    /// How long a link waits for an answer. After two that do not come it connects anew.
    pub patience: Duration,
    /// How many entries go into one message.
    pub batch: usize,
    /// Decides how long the node waits before it stands for election.
    pub seed: u64,
    /// How often the node was started before.
    pub starts: u64,
    /// The fault that is built in, if any.
    pub bug: Option<Bug>,
}

impl Config {
    /// The times for a network where an answer takes some milliseconds.
    pub fn new(id: usize, nodes: Vec<SocketAddr>) -> Self {
        Self {
            id,
            nodes,
            heartbeat: Duration::from_millis(50),
            election: Duration::from_millis(300),
            lease: Duration::from_millis(150),
            patience: Duration::from_millis(100),
            batch: 2,
            seed: 0,
            starts: 0,
            bug: None,
        }
    }

    pub(super) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}
