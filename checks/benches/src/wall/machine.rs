use std::fs;
use std::process::Command;

/// Where and when a run was made.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many threads it runs at once.
    pub threads: usize,
    /// The operating system.
    pub system: String,
    /// `rustc --version`.
    pub compiler: String,
    /// The day, as `date -u` tells it.
    pub date: String,
    /// How busy the machine was with other things, when the run began.
    pub load: String,
    /// What was measured: names and versions.
    pub versions: Vec<(String, String)>,
}

impl Machine {
    /// Asks the system and the lock file.
    pub fn read() -> Self {
        let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
        Self {
            processor: processor(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            system: output("uname", &["-sr"]),
            compiler: output("rustc", &["--version"]),
            date: output("date", &["-u", "+%Y-%m-%d"]),
            load: fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|load| load.split(' ').next().map(str::to_owned))
                .unwrap_or_else(|| "unknown".to_owned()),
            versions: versions(&fs::read_to_string(lock).unwrap_or_default()),
        }
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    name.map_or("unknown", |name| name.trim_start_matches(['\t', ' ', ':']))
        .to_owned()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn versions(lock: &str) -> Vec<(String, String)> {
    const NAMES: [&str; 10] = [
        "tokio",
        "smol",
        "async-std",
        "async-executor",
        "async-task",
        "async-io",
        "agnostic-lite",
        "async_executors",
        "async-rs",
        "tor-rtcompat",
    ];
    let mut versions = Vec::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(value) = line.strip_prefix("name = ") {
            name = value.trim_matches('"');
        } else if let (Some(value), true) = (line.strip_prefix("version = "), NAMES.contains(&name))
        {
            versions.push((name.to_owned(), value.trim_matches('"').to_owned()));
        }
    }
    versions
}
