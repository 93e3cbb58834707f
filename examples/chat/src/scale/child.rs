use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{self, Command, Stdio};

/// A process of the measurement. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    said: BufReader<process::ChildStdout>,
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    /// Bytes of memory that are its own, or shared and in use.
    pub(super) memory: u64,
    /// Seconds of processor time, in user space and in the system.
    pub(super) processor: f64,
}

impl Child {
    pub(super) fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> io::Result<Self> {
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(process.stdout.take().expect("it was asked for"));
        Ok(Self { process, said })
    }

    /// Waits for a line that begins with `word`, and returns the words after it.
    pub(super) fn expect(&mut self, word: &str) -> io::Result<Vec<String>> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        if words.next().as_deref() == Some(word) {
            return Ok(words.collect());
        }
        let problem = format!("a process said `{}` instead of `{word}`", line.trim_end());
        Err(io::Error::other(problem))
    }

    pub(super) fn go(&mut self) -> io::Result<()> {
        let stdin = self.process.stdin.as_mut().expect("it was asked for");
        stdin.write_all(b"go\n")
    }

    /// Presses ctrl-c.
    pub(super) fn interrupt(&self) -> io::Result<()> {
        let pid = self.process.id().to_string();
        let status = Command::new("kill").args(["-INT", &pid]).status()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("cannot interrupt process {pid}")))
    }

    /// Waits for a good end.
    pub(super) fn end(mut self) -> io::Result<()> {
        let status = self.process.wait()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("a process ended with {status}")))
    }

    /// Reads what Linux tells.
    pub(super) fn usage(&self) -> io::Result<Usage> {
        let folder = Path::new("/proc").join(self.process.id().to_string());
        let (status, stat) = (
            fs::read_to_string(folder.join("status"))?,
            fs::read_to_string(folder.join("stat"))?,
        );
        let odd = || io::Error::other("`/proc` is written otherwise here");
        let resident = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .and_then(|number| number.parse::<u64>().ok())
            .ok_or_else(odd)?;
        // The name, in parentheses, may hold anything. Behind it, times are the 12th and 13th word, in hundredths of a second.
        let words = stat.rsplit(')').next().ok_or_else(odd)?.split_whitespace();
        let times: Vec<f64> = words.skip(11).take(2).flat_map(str::parse).collect();
        if times.len() != 2 {
            return Err(odd());
        }
        Ok(Usage {
            memory: resident * 1024,
            processor: times.iter().sum::<f64>() / 100.0,
        })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that has ended already cannot be ended again, which is fine.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
