use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use super::pause;

/// How often a thread is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// At least one part in so many of the time counts, also for a thread that never sleeps.
const COUNTS: u32 = 10;

/// A thread that another one looks at, to tell whether it waits for something or for a processor.
#[derive(Clone, Debug)]
pub struct Watched(String);

impl Watched {
    /// The calling thread.
    pub fn here() -> Self {
        Self(this_thread())
    }

    /// Lets time pass on the calling thread until the watched one has slept for `limit`, or `is_over` is true.
    ///
    /// On a busy machine a thread that is about to return may wait long for a processor, and is not taken for one that waits
    /// for something: time in which it could run does not count, except for a tenth of it. On systems that do not tell, and
    /// for the calling thread itself, all time counts.
    ///
    /// # Cost
    ///
    /// A look each 10 ms, which reads a file of `/proc`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::{Duration, Instant};
    /// use anyrt_conformance_engine::kit::Watched;
    ///
    /// let (this, begun) = (Watched::here(), Instant::now());
    /// let other = thread::spawn(move || this.pause_until_it_slept(Duration::from_millis(20), || false));
    /// // This thread sleeps in the join.
    /// other.join().expect("the thread ends");
    /// assert!(begun.elapsed() >= Duration::from_millis(20));
    /// ```
    pub fn pause_until_it_slept(&self, limit: Duration, is_over: impl Fn() -> bool) {
        let is_this = self.0 == this_thread();
        let mut slept = Duration::ZERO;
        while slept < limit && !is_over() {
            let part = LOOK.min(limit - slept);
            pause(part);
            slept += if is_this || self.sleeps() {
                part
            } else {
                part / COUNTS + Duration::from_nanos(1)
            };
        }
    }

    /// Whether it sleeps just now, as far as the system tells.
    fn sleeps(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/self/task/{}/stat", self.0));
        let stat = stat.unwrap_or_default();
        // The name, in parentheses, may hold anything.
        let state = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().next());
        state.is_none_or(|it| it == "S")
    }
}

/// The threads that the process had before its case began.
static BEFORE: OnceLock<Vec<String>> = OnceLock::new();

/// The names of this process's threads, as far as the system tells: on Linux, cut to 15 bytes; none elsewhere.
pub fn thread_names() -> Vec<String> {
    names(|_| true)
}

/// The names of this process's threads without its main thread, the calling one, and those that were there before the case.
pub fn other_thread_names() -> Vec<String> {
    let (this, main) = (this_thread(), std::process::id().to_string());
    let before = BEFORE.get().map_or(&[][..], Vec::as_slice);
    names(|id| id != this && id != main && !before.iter().any(|it| it == id))
}

/// Notes which threads the process has before its case begins, for [`other_thread_names`].
///
/// ThreadSanitizer starts a thread of its own when a program makes its first one. So this makes one, and waits for its end.
pub(crate) fn note_threads() {
    let first = thread::spawn(this_thread).join().unwrap_or_default();
    BEFORE.get_or_init(|| {
        // The system may still list a thread that was joined, and may give its number to another.
        let threads = threads().map(|(id, _)| id);
        threads.filter(|id| *id != first).collect()
    });
}

/// Whether the system tells the names of threads.
pub fn threads_are_named() -> bool {
    cfg!(target_os = "linux") && Path::new("/proc/self/task").exists()
}

/// The system's number of the calling thread, or nothing where the system does not tell.
fn this_thread() -> String {
    let this = fs::read_link("/proc/thread-self").unwrap_or_default();
    let number = this.file_name().unwrap_or_default();
    number.to_string_lossy().into_owned()
}

fn names(chosen: impl Fn(&str) -> bool) -> Vec<String> {
    let threads = threads().filter(|(id, _)| chosen(id));
    threads.map(|(_, name)| name).collect()
}

/// The number and the name of each thread.
fn threads() -> impl Iterator<Item = (String, String)> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
    tasks.filter_map(|task| {
        let task = task.ok()?;
        // A thread may end while it is looked at.
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let id = task.file_name().into_string().ok()?;
        Some((id, name.trim_end().to_owned()))
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_thread_that_never_sleeps_is_waited_for_ten_times_as_long() {
        const LIMIT: Duration = Duration::from_millis(20);
        let stop = AtomicBool::new(false);
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                sender.send(Watched::here()).expect("it is heard");
                while !stop.load(Ordering::Relaxed) {
                    spin_loop();
                }
            });
            let busy = receiver.recv().expect("it begins");
            let begun = Instant::now();
            busy.pause_until_it_slept(LIMIT, || false);
            let passed = begun.elapsed();
            stop.store(true, Ordering::Relaxed);
            assert!(passed >= 5 * LIMIT, "{passed:?}");
        });
    }
}
