use std::process;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longer than any test takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Ends the process when it is not dropped in time, so that a test that hangs fails.
#[derive(Debug)]
pub struct Watchdog {
    _until_dropped: Sender<()>,
}

impl Watchdog {
    /// Watches the calling thread, which is named after its test.
    pub fn new() -> Self {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        let (sender, is_dropped) = channel();
        thread::spawn(move || {
            if is_dropped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                eprintln!("{test} hangs");
                process::abort();
            }
        });
        Self {
            _until_dropped: sender,
        }
    }
}

impl Default for Watchdog {
    fn default() -> Self {
        Self::new()
    }
}
