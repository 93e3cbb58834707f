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

    /// What [`to_json`](Self::to_json) wrote.
    pub(super) fn from_json(line: &str) -> Option<Self> {
        let text = |key: &str| {
            let (_, rest) = line.split_once(&format!("\"{key}\": "))?;
            Some(rest.split([',', '}']).next()?.trim_matches('"'))
        };
        let number = |key: &str| text(key)?.parse::<u64>().ok();
        Some(Self {
            way: text("way")?.parse().ok()?,
            users: number("users")? as usize,
            servers: number("servers")? as usize,
            delivered: number("delivered")? as usize,
            memory: number("memory")? as f64,
            processor: Duration::from_nanos(number("processor_ns")?),
            p50: Duration::from_micros(number("p50_us")?),
            p99: Duration::from_micros(number("p99_us")?),
            p999: Duration::from_micros(number("p999_us")?),
            took: Duration::from_millis(number("took_ms")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_its_way_through_json() {
        let row = Row {
            way: Way::AsyncNetByHand,
            users: 9000,
            servers: 1,
            delivered: 90_000,
            memory: 4096.0,
            processor: Duration::from_nanos(12_345),
            p50: Duration::from_micros(80),
            p99: Duration::from_micros(900),
            p999: Duration::from_micros(9000),
            took: Duration::from_millis(6001),
        };
        let read = Row::from_json(&format!("  {},", row.to_json())).unwrap();
        assert_eq!(format!("{read:?}"), format!("{row:?}"));
    }
}
