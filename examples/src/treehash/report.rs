use std::path::PathBuf;
use std::time::Duration;

use super::hashing::hash_tree;
use super::{Digest, FileError};

/// What was hashed, what failed, and whether it was stopped.
#[derive(Debug, Default)]
pub struct Report {
    pub(super) files: Vec<HashedFile>,
    pub(super) errors: Vec<FileError>,
    pub(super) files_found: usize,
    pub(super) stopped: bool,
    pub(super) elapsed: Duration,
}

/// One file and its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashedFile {
    /// The path, relative to the tree's root.
    pub path: PathBuf,
    /// The size, in bytes.
    pub bytes: u64,
    /// The digest of its content.
    pub digest: Digest,
}

/// How the work on one file ended.
pub(super) enum Outcome {
    Hashed(HashedFile),
    Failed(FileError),
    Stopped,
}

impl Report {
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Hashed(file) => self.files.push(file),
            Outcome::Failed(error) => self.errors.push(error),
            Outcome::Stopped => {}
        }
    }

    /// The files that were hashed, in the order of their paths, whatever the order in which they were done.
    pub fn files(&self) -> &[HashedFile] {
        &self.files
    }

    /// What failed, in the order of the paths.
    pub fn errors(&self) -> &[FileError] {
        &self.errors
    }

    /// How many files were found; after a stop, some of them are neither hashed nor failed.
    pub fn files_found(&self) -> usize {
        self.files_found
    }

    /// The bytes of the files that were hashed.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Tells whether it was stopped before the end.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// How long it took, on the runtime's clock.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The digest over all relative paths and digests; `None` unless every file was hashed, because the digest of half a
    /// tree looks like that of a whole one.
    pub fn digest(&self) -> Option<Digest> {
        (!self.stopped && self.errors.is_empty()).then(|| hash_tree(&self.files))
    }
}
