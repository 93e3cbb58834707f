use std::fmt;
use std::time::Duration;

use super::Way;

/// What one way did at one scale.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the server is written on.
    pub way: Way,
    /// How many users there were.
    pub users: usize,
    /// How many processes served them.
    pub servers: usize,
    /// How many lines were to be heard, by all users together. Each was.
    pub delivered: usize,
    /// Memory of the servers for each user, in bytes.
    pub memory: f64,
    /// Processor time of the servers for each line that was delivered.
    pub processor: Duration,
    /// Half of the lines were on their way for at most so long.
    pub p50: Duration,
    /// 99 of 100.
    pub p99: Duration,
    /// 999 of 1000.
    pub p999: Duration,
    /// How long the talk took.
    pub took: Duration,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} users  {:<18} {} lines delivered, {:.0} B/user, {:.2} µs/line, {:?} {:?} {:?}, {:.1} s",
            self.users,
            self.way,
            self.delivered,
            self.memory,
            self.processor.as_secs_f64() * 1e6,
            self.p50,
            self.p99,
            self.p999,
            self.took.as_secs_f64(),
        )
    }
}

impl Row {
    /// One line of JSON.
    pub(super) fn to_json(&self) -> String {
        format!(
            "{{\"users\": {}, \"way\": {:?}, \"servers\": {}, \"delivered\": {}, \"memory\": {:.0}, \"processor_ns\": {}, \
             \"p50_us\": {}, \"p99_us\": {}, \"p999_us\": {}, \"took_ms\": {}}}",
            self.users,
            self.way.name(),
            self.servers,
            self.delivered,
            self.memory,
            self.processor.as_nanos(),
            self.p50.as_micros(),
            self.p99.as_micros(),
            self.p999.as_micros(),
            self.took.as_millis(),
        )
    }
}
