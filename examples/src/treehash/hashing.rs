use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::Ordering;

use sha2::{Digest as _, Sha256};

use super::progress::Counters;
use super::stop::StopFlag;
use super::{Digest, HashedFile, Source};

/// How much is read between two looks at the flag.
const CHUNK: usize = 64 * 1024;

/// Hashes one file and counts its bytes. Blocks. Returns `None` when the flag was set before the end.
pub(super) fn hash_file<S: Source>(
    source: &S,
    path: &Path,
    counters: &Counters,
    stop: &StopFlag,
) -> io::Result<Option<(u64, Digest)>> {
    if stop.is_set() {
        return Ok(None);
    }
    let mut reader = source.open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut bytes = 0;
    while !stop.is_set() {
        let read = match reader.read(&mut chunk) {
            Ok(0) => return Ok(Some((bytes, finish(hasher)))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&chunk[..read]);
        bytes += read as u64;
        counters
            .bytes_read
            .fetch_add(read as u64, Ordering::Relaxed);
    }
    Ok(None)
}

/// The digest of a tree: over the length and the bytes of each relative path, and the file's digest.
///
/// The parts of a path are joined by `/`, on every system. The length in front keeps two files from looking like one with a
/// longer name.
pub(super) fn hash_tree(files: &[HashedFile]) -> Digest {
    let mut hasher = Sha256::new();
    for file in files {
        let parts: Vec<_> = file
            .path
            .iter()
            .map(|part| part.as_encoded_bytes())
            .collect();
        let path = parts.join(&b'/');
        hasher.update((path.len() as u64).to_le_bytes());
        hasher.update(path);
        hasher.update(file.digest.as_bytes());
    }
    finish(hasher)
}

fn finish(hasher: Sha256) -> Digest {
    Digest::from(<[u8; 32]>::from(hasher.finalize()))
}
