use std::fs;
use std::future::Future;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use anyrt_core::Runtime;

/// What a node keeps when it stops: files that grow at their end.
pub trait Storage: Clone + Send + Sync + 'static {
    /// Reads a file, which is empty where there is none.
    fn read(&self, file: &'static str) -> impl Future<Output = io::Result<Vec<u8>>> + Send;

    /// Writes behind all that a file has. A loss of power may take that back.
    fn append(
        &self,
        file: &'static str,
        bytes: Vec<u8>,
    ) -> impl Future<Output = io::Result<()>> + Send;

    /// Makes what was written survive a loss of power.
    fn sync(&self, file: &'static str) -> impl Future<Output = io::Result<()>> + Send;

    /// Cuts a file to a length.
    fn truncate(
        &self,
        file: &'static str,
        length: usize,
    ) -> impl Future<Output = io::Result<()>> + Send;
}

/// Files in a folder, on the runtime's threads for blocking work.
#[derive(Clone, Debug)]
pub struct Files<R> {
    rt: R,
    folder: PathBuf,
}

impl<R: Runtime> Files<R> {
    /// Keeps its files in this folder, which has to exist.
    pub fn new(rt: R, folder: PathBuf) -> Self {
        Self { rt, folder }
    }

    async fn with<T: Send + 'static>(
        &self,
        file: &str,
        work: impl FnOnce(PathBuf) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let path = self.folder.join(file);
        let working = self.rt.spawn_blocking(move || work(path));
        working.await.map_err(io::Error::other)?
    }
}

impl<R: Runtime> Storage for Files<R> {
    async fn read(&self, file: &'static str) -> io::Result<Vec<u8>> {
        self.with(file, |path| match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        })
        .await
    }

    async fn append(&self, file: &'static str, bytes: Vec<u8>) -> io::Result<()> {
        self.with(file, move |path| {
            let mut file = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)?;
            file.write_all(&bytes)
        })
        .await
    }

    async fn sync(&self, file: &'static str) -> io::Result<()> {
        self.with(file, |path| fs::File::open(path)?.sync_all())
            .await
    }

    async fn truncate(&self, file: &'static str, length: usize) -> io::Result<()> {
        self.with(file, move |path| {
            let file = fs::OpenOptions::new().write(true).open(path)?;
            file.set_len(length as u64)
        })
        .await
    }
}
