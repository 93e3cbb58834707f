use std::ffi::OsString;
use std::future::pending;
use std::num::NonZeroUsize;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyrt_core::{MissedTick, Runtime};
use futures::FutureExt;

use super::job::Job;
use super::progress::Counters;
use super::stop::Stop;
use super::watch::Watch;
use super::{Backoff, Disk, FileError, Progress, Report, Source};

/// Hashes the files of folders on the runtime `R`.
///
/// It is made once, holds the runtime and the settings, and may be used any number of times, also at once.
///
/// # Cancellation
///
/// See [`hash_until`](Self::hash_until).
///
/// # Cost
///
/// Per file one blocking closure with a buffer of 64 KiB and a few small allocations; per tree the list of its files.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::time::Duration;
/// use anyrt_core::Runtime;
/// use anyrt_examples::treehash::{Backoff, TreeHash};
///
/// fn careful<R: Runtime>(rt: R) -> TreeHash<R> {
///     TreeHash::new(rt)
///         .concurrency(NonZeroUsize::MIN)
///         .file_timeout(Duration::from_secs(5))
///         .backoff(Backoff::new(8, Duration::from_millis(50)))
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # careful(rt.handle());
/// ```
#[derive(Clone, Debug)]
pub struct TreeHash<R, S = Disk> {
    pub(super) rt: R,
    pub(super) source: Arc<S>,
    pub(super) settings: Settings,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) concurrency: NonZeroUsize,
    pub(super) file_timeout: Duration,
    pub(super) backoff: Backoff,
    pub(super) grace: Duration,
    progress_every: Duration,
    pub(super) ignored: Arc<[OsString]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN.saturating_add(3),
            file_timeout: Duration::from_secs(60),
            backoff: Backoff::default(),
            grace: Duration::from_secs(1),
            progress_every: Duration::from_millis(100),
            ignored: Arc::default(),
        }
    }
}

impl<R: Runtime> TreeHash<R> {
    /// Hashes on `rt` what is on the disk.
    pub fn new(rt: R) -> Self {
        Self {
            rt,
            source: Arc::new(Disk),
            settings: Settings::default(),
        }
    }
}

impl<R: Runtime, S: Source> TreeHash<R, S> {
    /// Reads the files from another source. The folders are still walked on the disk.
    pub fn source<T: Source>(self, source: T) -> TreeHash<R, T> {
        TreeHash {
            rt: self.rt,
            source: Arc::new(source),
            settings: self.settings,
        }
    }

    /// Sets how many files are worked on at once; 4 unless set.
    ///
    /// A closure that sits in a system call beyond its file's time limit no longer counts: a file on a dead network drive
    /// must not hold up the others.
    pub fn concurrency(mut self, files: NonZeroUsize) -> Self {
        self.settings.concurrency = files;
        self
    }

    /// Sets how long one attempt at a file may take; 60 s unless set.
    ///
    /// It counts from the submission, so time in the queue of a blocking pool that others keep busy is part of it. A file
    /// that was too slow is not tried again.
    pub fn file_timeout(mut self, limit: Duration) -> Self {
        self.settings.file_timeout = limit;
        self
    }

    /// Sets how often a file is tried again, and after which pauses. See [`Backoff::default`].
    ///
    /// Errors that a further attempt cannot cure, such as a missing permission, are not tried again.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// Sets how long a stop waits for closures that are at work; 1 s unless set.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Sets the time between two reports of the progress; 100 ms unless set.
    pub fn progress_every(mut self, period: Duration) -> Self {
        self.settings.progress_every = period;
        self
    }

    /// Leaves out all folders of these names, at any depth.
    pub fn ignore<N: Into<OsString>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.settings.ignored = names.into_iter().map(Into::into).collect();
        self
    }

    /// Hashes all files below the folder `root`, to the end.
    ///
    /// Symbolic links are not followed, except for `root` itself. A file or folder below it that cannot be read is part of
    /// the [`Report`], not an error.
    ///
    /// # Cancellation
    ///
    /// As [`hash_until`](Self::hash_until).
    ///
    /// # Errors
    ///
    /// When `root` cannot be read, or is not a folder.
    ///
    /// # Panics
    ///
    /// As [`hash_until`](Self::hash_until).
    pub async fn hash(&self, root: &Path) -> Result<Report, FileError> {
        self.hash_until(root, pending(), drop).await
    }

    /// Hashes all files below the folder `root`, until `stop` is ready, and calls `progress` in even steps.
    ///
    /// All of it but the reading and hashing happens in the returned future, on the thread that polls it: `stop` and
    /// `progress` need to be neither `Send` nor `'static`, and the future is `Send` where they are.
    ///
    /// # Cancellation
    ///
    /// Two ways. When `stop` is ready, no further file is begun, the closures at work are told to end at their next read,
    /// and after the [grace](Self::grace) at the latest the report says what was done until then. When the returned future
    /// is dropped, the closures are told the same, and nobody waits for them.
    ///
    /// # Errors
    ///
    /// When `root` cannot be read, or is not a folder.
    ///
    /// # Panics
    ///
    /// When the time between two reports is zero (`interval::zero_period_panics`), and when `progress` panics. A panic of
    /// the source is an error of the file.
    ///
    /// # Examples
    ///
    /// At most ten seconds, with the number of files on standard error:
    ///
    /// ```
    /// use std::path::Path;
    /// use std::time::Duration;
    /// use anyrt_core::Runtime;
    /// use anyrt_examples::treehash::{FileError, Report, TreeHash};
    ///
    /// async fn in_ten_seconds<R: Runtime>(rt: &R, folder: &Path) -> Result<Report, FileError> {
    ///     let stop = rt.sleep(Duration::from_secs(10));
    ///     TreeHash::new(rt.clone())
    ///         .hash_until(folder, stop, |progress| eprint!("\r{} files", progress.files_done))
    ///         .await
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new())?;
    /// # let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    /// # assert!(!rt.block_on(in_ten_seconds(&rt.handle(), folder))?.is_stopped());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn hash_until(
        &self,
        root: &Path,
        stop: impl Future<Output = ()>,
        progress: impl FnMut(Progress),
    ) -> Result<Report, FileError> {
        let start = self.rt.now();
        let ticks = self.rt.interval(self.settings.progress_every);
        let mut ticks = pin!(ticks.missed_tick(MissedTick::Skip));
        // Nothing to report yet: the first tick in one period. Unlike `start + period` this takes a period without end.
        ticks.as_mut().reset();
        let counters = Arc::<Counters>::default();
        let mut stopping = Stop::new();
        let job = Job {
            tree_hash: self,
            root,
            counters: counters.clone(),
            stop: stopping.token(),
        };
        let mut watch = Watch {
            timer: &self.rt,
            start,
            counters: &counters,
            ticks,
            stop: pin!(stop.fuse()),
            report: progress,
        };
        let mut report = Report::default();

        match watch.attend(job.walk()).await {
            None => report.stopped = true,
            Some(Err(cause)) => return Err(FileError::new(root.into(), 1, cause)),
            Some(Ok(walk)) => {
                report.errors = walk.errors;
                job.hash_files(walk.files, &mut watch, &mut stopping, &mut report)
                    .await;
            }
        }
        report.files.sort_by(|a, b| a.path.cmp(&b.path));
        report.errors.sort_by(|a, b| a.path().cmp(b.path()));
        report.files_found = counters.files_found.load(Ordering::Relaxed);
        report.elapsed = self.rt.now() - start;
        Ok(report)
    }
}
