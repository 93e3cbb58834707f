use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyrt_core::{JoinError, Runtime};
use futures::StreamExt;
use futures::future::FusedFuture;
use futures::stream::FuturesUnordered;

use super::hashing::hash_file;
use super::progress::Counters;
use super::report::Outcome;
use super::stop::{Stop, StopToken};
use super::walk::{Walk, walk};
use super::watch::Watch;
use super::{Digest, FileError, HashedFile, Progress, Report, Source, TreeHash};

/// The work on one tree: futures without tasks, around closures on the blocking pool.
pub(super) struct Job<'a, R, S> {
    pub(super) tree_hash: &'a TreeHash<R, S>,
    pub(super) root: &'a Path,
    pub(super) counters: Arc<Counters>,
    pub(super) stop: StopToken,
}

impl<R: Runtime, S: Source> Job<'_, R, S> {
    pub(super) async fn walk(&self) -> io::Result<Walk> {
        let (flag, _guard) = self.stop.flag();
        let (root, counters) = (self.root.to_owned(), self.counters.clone());
        let ignored = self.tree_hash.settings.ignored.clone();
        let work = move || walk(&root, &ignored, &counters, &flag);
        self.tree_hash.rt.spawn_blocking(work).await?
    }

    /// Adds the files to the report, until all are done, or until the stop and the grace after it.
    pub(super) async fn hash_files<C, P>(
        &self,
        files: Vec<PathBuf>,
        watch: &mut Watch<'_, R, C, P>,
        stop: &mut Stop,
        report: &mut Report,
    ) where
        C: FusedFuture<Output = ()>,
        P: FnMut(Progress),
    {
        let settings = &self.tree_hash.settings;
        let mut waiting = files.into_iter();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < settings.concurrency.get() {
                let Some(file) = waiting.next() else { break };
                running.push(self.hash_file(file));
            }
            match watch.attend(running.next()).await {
                Some(Some(outcome)) => report.add(outcome),
                Some(None) => return,
                None => break,
            }
        }
        report.stopped = true;
        stop.request();
        let rest = async {
            while let Some(outcome) = running.next().await {
                report.add(outcome);
            }
        };
        // Whoever has not ended by then is left behind, with its flag set.
        let _ = self.tree_hash.rt.timeout(settings.grace, rest).await;
    }

    async fn hash_file(&self, file: PathBuf) -> Outcome {
        let path = Arc::<Path>::from(self.root.join(&file));
        let mut pauses = self.tree_hash.settings.backoff.pauses();
        let mut attempts = 0;
        let outcome = loop {
            attempts += 1;
            let cause = match self.attempt(&path).await {
                Ok(None) => return Outcome::Stopped,
                Ok(Some((bytes, digest))) => {
                    break Outcome::Hashed(HashedFile {
                        path: file,
                        bytes,
                        digest,
                    });
                }
                Err(cause) => cause,
            };
            let Some(pause) = pauses.next().filter(|_| may_pass(&cause)) else {
                break Outcome::Failed(FileError::new(file, attempts, cause));
            };
            // A pause that the stop may cut short: the stop, with a time limit.
            let stopped = self.tree_hash.rt.timeout(pause, self.stop.requested());
            if stopped.await.is_ok() {
                return Outcome::Stopped;
            }
        };
        self.counters.files_done.fetch_add(1, Ordering::Relaxed);
        outcome
    }

    async fn attempt(&self, path: &Arc<Path>) -> io::Result<Option<(u64, Digest)>> {
        let TreeHash {
            rt,
            source,
            settings,
        } = self.tree_hash;
        // The guard goes when the limit has passed, too: the closure then ends at its next read.
        let (flag, _guard) = self.stop.flag();
        let (source, path, counters) = (source.clone(), path.clone(), self.counters.clone());
        let work = move || hash_file(&*source, &path, &counters, &flag);
        // Too slow, panicked: core turns both into an `io::Error`.
        rt.timeout(settings.file_timeout, rt.spawn_blocking(work))
            .await??
    }
}

/// Tells whether a further attempt may succeed where this one failed.
fn may_pass(cause: &io::Error) -> bool {
    let panicked = cause.get_ref().is_some_and(|cause| cause.is::<JoinError>());
    let lasting = matches!(
        cause.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::TimedOut
            | io::ErrorKind::Unsupported
            | io::ErrorKind::IsADirectory
    );
    !panicked && !lasting
}
