use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::child::Child;
use super::{Row, Way};
use crate::load::Latency;

/// How many users are in a room.
const ROOM: usize = 10;

/// A measurement: so many users, on every way.
#[derive(Clone, Debug)]
pub struct Scale {
    program: PathBuf,
    users: usize,
    /// How many lines each user says.
    pub lines: usize,
    /// How many lines all of them say in a second.
    pub rate: f64,
    /// How many users one process serves, or is. A process may often hold no more than 20 000 descriptors.
    pub per_process: usize,
    /// How often everything is measured. The row holds the median of each figure.
    pub rounds: usize,
    /// The ways.
    pub ways: Vec<Way>,
}

impl Scale {
    /// `program` is this crate's.
    pub fn new(program: PathBuf, users: usize) -> Self {
        Self {
            program,
            users,
            // Few enough users say more, so that there is something to measure.
            lines: (10_000 / users.max(1)).clamp(1, 10),
            rate: 1500.0,
            per_process: 15_000,
            rounds: 1,
            ways: Way::ALL.to_vec(),
        }
    }

    /// Measures. The ways take turns.
    ///
    /// # Errors
    ///
    /// A process that does not do what it should; a line that was not delivered, or twice, or out of order; a user who was not
    /// told that the server ends.
    pub fn run(&self, mut progress: impl FnMut(&Row)) -> io::Result<Vec<Row>> {
        let mut rounds = Vec::new();
        for _ in 0..self.rounds {
            for way in &self.ways {
                let row = self.measure(*way).map_err(|error| {
                    io::Error::other(format!("{} users, {way}: {error}", self.users))
                })?;
                progress(&row);
                rounds.push(row);
            }
        }
        Ok(self.ways.iter().map(|way| median(&rounds, *way)).collect())
    }

    fn measure(&self, way: Way) -> io::Result<Row> {
        let processes = self.users.div_ceil(self.per_process).max(1);
        let mut servers = Vec::new();
        let mut address = "127.0.0.1:0".to_owned();
        for _ in 0..processes {
            let shared = (processes > 1).then_some("--shared-port");
            let arguments = ["serve", way.name(), &address].into_iter().chain(shared);
            let mut server = Child::start(&self.program, arguments)?;
            address = server.expect("listening")?.concat();
            servers.push(server);
        }
        let memory = |servers: &[Child]| -> io::Result<f64> {
            let all = servers
                .iter()
                .map(|server| Ok(server.usage()?.memory as f64));
            all.sum()
        };
        let before = memory(&servers)?;
        let mut crowds = self.crowds(processes, &address)?;
        for crowd in &mut crowds {
            crowd.expect("ready")?;
        }
        let memory = (memory(&servers)? - before) / self.users as f64;
        let processor = |servers: &[Child]| -> io::Result<f64> {
            servers
                .iter()
                .map(|server| Ok(server.usage()?.processor))
                .sum()
        };
        let before = processor(&servers)?;
        for crowd in &mut crowds {
            crowd.go()?;
        }
        let latency = Latency::default();
        let mut took = 0.0_f64;
        for crowd in &mut crowds {
            let words = crowd.expect("talked")?;
            let [seconds, histogram] = &words[..] else {
                return Err(io::Error::other("a crowd talked, and not of it"));
            };
            took = took.max(seconds.parse().map_err(io::Error::other)?);
            latency.add(&histogram.parse().map_err(io::Error::other)?);
        }
        let processor = processor(&servers)? - before;
        let delivered = self.end(servers, crowds)?;
        Ok(Row {
            way,
            users: self.users,
            servers: processes,
            delivered,
            memory,
            processor: Duration::from_secs_f64(processor / delivered as f64),
            p50: latency.quantile(0.5),
            p99: latency.quantile(0.99),
            p999: latency.quantile(0.999),
            took: Duration::from_secs_f64(took),
        })
    }

    fn crowds(&self, processes: usize, address: &str) -> io::Result<Vec<Child>> {
        let rate = (self.rate / processes as f64).to_string();
        let mut crowds = Vec::new();
        for number in 0..processes {
            // What cannot be shared out evenly goes to the first.
            let users = (self.users + processes - 1 - number) / processes;
            // Each address of this machine has ports of its own.
            let from = format!("127.0.0.{}", number + 2);
            let numbers = [users, ROOM, self.lines].map(|number| number.to_string());
            let arguments = ["load", address, &from].into_iter();
            let arguments = arguments.chain(numbers.iter().map(String::as_str));
            crowds.push(Child::start(&self.program, arguments.chain([&*rate]))?);
        }
        Ok(crowds)
    }

    /// Ends the servers by ctrl-c, and holds them and the crowds to what they promise. Returns how many lines were delivered.
    fn end(&self, mut servers: Vec<Child>, mut crowds: Vec<Child>) -> io::Result<usize> {
        for server in &servers {
            server.interrupt()?;
        }
        let mut sums = [0; 4];
        for crowd in &mut crowds {
            for (sum, word) in sums.iter_mut().zip(crowd.expect("heard")?) {
                *sum += word.parse::<usize>().map_err(io::Error::other)?;
            }
        }
        let [expected, heard, wrong, byes] = sums;
        if (heard, wrong, byes) != (expected, 0, self.users) {
            return Err(io::Error::other(format!(
                "{heard} of {expected} lines were heard, {wrong} were wrong, and {byes} users were told of the end"
            )));
        }
        let mut served = [0; 2];
        for server in &mut servers {
            for (sum, word) in served.iter_mut().zip(server.expect("served")?) {
                *sum += word.parse::<usize>().map_err(io::Error::other)?;
            }
        }
        if served != [self.users, expected] {
            return Err(io::Error::other(format!(
                "the servers counted {served:?} users and lines, not {} and {expected}",
                self.users
            )));
        }
        for child in servers.into_iter().chain(crowds) {
            child.end()?;
        }
        Ok(heard)
    }
}

/// One row with the median of each figure.
fn median(rounds: &[Row], way: Way) -> Row {
    let rows: Vec<&Row> = rounds.iter().filter(|row| row.way == way).collect();
    let middle = |figure: fn(&Row) -> Duration| {
        let mut all: Vec<Duration> = rows.iter().map(|row| figure(row)).collect();
        all.sort();
        all[all.len() / 2]
    };
    let mut memory: Vec<f64> = rows.iter().map(|row| row.memory).collect();
    memory.sort_by(f64::total_cmp);
    Row {
        memory: memory[memory.len() / 2],
        processor: middle(|row| row.processor),
        p50: middle(|row| row.p50),
        p99: middle(|row| row.p99),
        p999: middle(|row| row.p999),
        took: middle(|row| row.took),
        ..rows[0].clone()
    }
}
