use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens files for reading.
///
/// Every closure from a path to a reader is one, which is how tests make files that fail. It is called on the blocking pool
/// and may block.
///
/// # Examples
///
/// ```
/// use std::io::{self, Read};
/// use std::path::Path;
/// use anyrt_examples::treehash::Source;
///
/// fn is_a_source<S: Source>(_: S) {}
///
/// is_a_source(|path: &Path| match path.extension() {
///     None => Err(io::Error::other("unnamed")),
///     Some(_) => Ok(&b"the same in every file"[..]),
/// });
/// ```
pub trait Source: Send + Sync + 'static {
    /// What the bytes are read from.
    type Reader: Read;

    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// Any; those that may pass are tried again.
    fn open(&self, path: &Path) -> io::Result<Self::Reader>;
}

impl<F, T> Source for F
where
    F: Fn(&Path) -> io::Result<T> + Send + Sync + 'static,
    T: Read,
{
    type Reader = T;

    fn open(&self, path: &Path) -> io::Result<T> {
        self(path)
    }
}

/// The file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Source for Disk {
    type Reader = File;

    fn open(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }
}
