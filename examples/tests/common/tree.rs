use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of files that is removed when this is dropped.
#[derive(Debug)]
pub struct Tree(PathBuf);

impl Tree {
    /// Makes a folder with these files and their contents.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let tree = Self(root.join(format!("tree-{}-{count}", process::id())));
        fs::create_dir_all(&tree.0).unwrap();
        for (path, content) in files {
            let path = tree.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        tree
    }

    /// Makes a folder with empty files.
    pub fn of_empty_files<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(names.into_iter().map(|name| (name, &[][..])))
    }

    /// Makes a folder with files in several folders, of several sizes, beside what is to be left out.
    ///
    /// [`SAMPLE_DIGEST`](Self::SAMPLE_DIGEST) is the digest of what is not.
    pub fn sample() -> Self {
        let big: Vec<u8> = (0..200_000_u32).map(|i| (i % 251) as u8).collect();
        let tree = Self::new([
            ("abc", &b"abc"[..]),
            ("a/b/c.txt", b"deep"),
            ("a-b", b"sorted behind a/b/c.txt, by its first part"),
            ("empty", b""),
            ("big", &big),
            ("target/left-out", b"built"),
            ("a/.git/left-out", b"kept elsewhere"),
        ]);
        tree.link("abc", "link-to-abc");
        tree.link("a", "link-to-a");
        tree
    }

    /// Computed by another program, from the definition.
    pub const SAMPLE_DIGEST: &str =
        "5fdc119d4d880ce9c94d36e334efee100b9ae55b7086440c542897f622db0e07";

    /// How many files of the sample are not left out, and their bytes.
    pub const SAMPLE_FILES: usize = 5;
    pub const SAMPLE_BYTES: u64 = 200_049;

    pub fn path(&self) -> &Path {
        &self.0
    }

    #[cfg(unix)]
    fn link(&self, to: &str, name: &str) {
        std::os::unix::fs::symlink(to, self.0.join(name)).unwrap();
    }

    #[cfg(not(unix))]
    fn link(&self, _: &str, _: &str) {}
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What remains is in the build's own folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}
