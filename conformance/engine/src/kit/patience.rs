use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use anyrt_core::Instant;

use super::now;

/// At least one part in so many of the time counts, so that what never ends is noticed on a busy machine, too.
const COUNTS: u32 = 10;

/// A time limit that no busy machine breaks: only time counts in which the process has a processor, or wants none.
///
/// On a busy machine a thread that could run waits for a processor, for seconds if there are fifty of its kind. Linux says how
/// long each thread has waited (`/proc/PID/task/TID/schedstat`), and that does not count. A tenth of all time counts in any
/// case. On other systems all time counts.
#[derive(Clone, Debug)]
pub struct Patience {
    threads: String,
    limit: Duration,
    begun: Instant,
    waited: Duration,
}

impl Patience {
    /// For what this process does from now on.
    pub fn new(limit: Duration) -> Self {
        Self::with("/proc/self/task".to_owned(), limit)
    }

    /// For what another process does from now on.
    pub fn of_process(id: u32, limit: Duration) -> Self {
        Self::with(format!("/proc/{id}/task"), limit)
    }

    fn with(threads: String, limit: Duration) -> Self {
        let waited = times(&threads).waited;
        Self {
            threads,
            limit,
            begun: now(),
            waited,
        }
    }

    /// How much of the limit is left: zero when it is over.
    pub fn left(&self) -> Duration {
        let elapsed = now().duration_since(self.begun);
        if elapsed < self.limit {
            // Nothing to look up yet.
            return self.limit - elapsed;
        }
        let waited = times(&self.threads).waited.saturating_sub(self.waited);
        let counts = elapsed.saturating_sub(waited).max(elapsed / COUNTS);
        self.limit.saturating_sub(counts)
    }

    /// Whether the limit is over.
    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }
}

/// The processor time that the threads of this process have had so far. Where the system does not tell, time itself.
///
/// A thread that has ended no longer counts.
pub fn processor_time() -> Duration {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let begun = *BEGUN.get_or_init(now);
    match times("/proc/self/task").had {
        Duration::ZERO => now().duration_since(begun),
        had => had,
    }
}

/// What the system says of the threads of a process.
#[derive(Default)]
struct Times {
    /// How long they ran.
    had: Duration,
    /// How long they could have run, and waited for a processor.
    waited: Duration,
}

fn times(threads: &str) -> Times {
    let mut times = Times::default();
    let Ok(threads) = fs::read_dir(threads) else {
        return times;
    };
    for thread in threads.filter_map(Result::ok) {
        // A thread may end while it is looked at.
        let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let mut numbers = text.split_whitespace().map(str::parse);
        if let (Some(Ok(had)), Some(Ok(waited))) = (numbers.next(), numbers.next()) {
            times.had += Duration::from_nanos(had);
            times.waited += Duration::from_nanos(waited);
        }
    }
    times
}
