use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyrt_core::Instant;

use super::now;

/// At least one part in so many of the time counts, so that what never ends is noticed on a busy machine, too.
const COUNTS: u32 = 10;

/// How often the threads are looked at: what one of them waits for after the last look before its end is not known.
const LOOK: Duration = Duration::from_secs(1);

/// How long after a look the limit is not over, whatever the threads do.
const PAUSE: Duration = Duration::from_millis(10);

/// A time limit that no busy machine breaks: only time counts in which the process has a processor, or wants none.
///
/// On a busy machine a thread that could run waits for a processor, for seconds if there are fifty of its kind. Linux says how
/// long each thread has waited (`/proc/PID/task/TID/schedstat`), and that does not count. A tenth of all time counts in any
/// case. On other systems all time counts.
///
/// The system forgets a thread that has ended. So whoever waits asks every second, with [`until_the_next_look`].
///
/// [`until_the_next_look`]: Patience::until_the_next_look
#[derive(Clone, Debug)]
pub struct Patience {
    threads: String,
    limit: Duration,
    begun: Instant,
    seen: Arc<Mutex<Seen>>,
}

/// What the last look has shown, and those before.
#[derive(Debug)]
struct Seen {
    at: Instant,
    /// How long each thread has waited, those too that have ended since.
    waited: HashMap<String, Duration>,
    /// All of them together when the limit began.
    before: Duration,
}

impl Seen {
    fn look(&mut self, threads: &str) {
        self.at = now();
        for (thread, times) in times(threads) {
            let waited = self.waited.entry(thread).or_default();
            *waited = times.waited.max(*waited);
        }
    }

    fn together(&self) -> Duration {
        self.waited.values().sum()
    }
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
        let begun = now();
        let mut seen = Seen {
            at: begun,
            waited: HashMap::new(),
            before: Duration::ZERO,
        };
        seen.look(&threads);
        seen.before = seen.together();
        Self {
            threads,
            limit,
            begun,
            seen: Arc::new(Mutex::new(seen)),
        }
    }

    /// How much of the limit is left: zero when it is over.
    pub fn left(&self) -> Duration {
        let now = now();
        let elapsed = now.duration_since(self.begun);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.saturating_duration_since(seen.at);
        if elapsed < self.limit {
            if since >= LOOK {
                seen.look(&self.threads);
            }
            return self.limit - elapsed;
        }
        // Who asks at each of a million steps would have no time for the steps.
        if since < PAUSE {
            return PAUSE - since;
        }
        seen.look(&self.threads);
        let waited = seen.together().saturating_sub(seen.before);
        let counts = elapsed.saturating_sub(waited).max(elapsed / COUNTS);
        self.limit.saturating_sub(counts)
    }

    /// How long to wait before this is asked again: a second, or what is left of the limit, and a little where nothing is.
    pub fn until_the_next_look(&self) -> Duration {
        self.left().clamp(Duration::from_millis(10), LOOK)
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
    match times("/proc/self/task").map(|(_, times)| times.had).sum() {
        Duration::ZERO => now().duration_since(begun),
        had => had,
    }
}

/// What the system says of a thread.
struct Times {
    /// How long it ran.
    had: Duration,
    /// How long it could have run, and waited for a processor.
    waited: Duration,
}

/// The number of each thread of a process, and its times.
fn times(threads: &str) -> impl Iterator<Item = (String, Times)> {
    let threads = fs::read_dir(threads).into_iter().flatten();
    threads.filter_map(|thread| {
        let thread = thread.ok()?;
        // A thread may end while it is looked at.
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let mut numbers = text.split_whitespace().map_while(|it| it.parse().ok());
        let (had, waited) = (numbers.next()?, numbers.next()?);
        let times = Times {
            had: Duration::from_nanos(had),
            waited: Duration::from_nanos(waited),
        };
        Some((thread.file_name().into_string().ok()?, times))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_waited_for_counts_after_its_end() {
        let folder = std::env::temp_dir().join(format!("anyrt-patience-{}", std::process::id()));
        let thread = |id: &str, seconds: u64| {
            let thread = folder.join(id);
            fs::create_dir_all(&thread).unwrap();
            fs::write(thread.join("schedstat"), format!("1 {seconds}000000000 1")).unwrap();
        };
        thread("1", 100);
        let path = folder.to_str().unwrap().to_owned();
        let patience = Patience::with(path.clone(), Duration::ZERO);
        thread("1", 103);
        thread("2", 5);
        patience.seen.lock().unwrap().look(&path);
        fs::remove_dir_all(folder.join("2")).unwrap();
        patience.seen.lock().unwrap().look(&path);
        let seen = patience.seen.lock().unwrap();
        assert_eq!(seen.together() - seen.before, Duration::from_secs(8));
        drop(fs::remove_dir_all(folder));
    }
}
