/// A file on its way: what a source of bytes gives to [`download`](crate::download()).
#[derive(Clone, Copy, Debug)]
pub struct Body<S> {
    /// Bytes of the whole file, where the source says so.
    pub total: Option<u64>,
    /// A stream of the file's bytes, in pieces as they come. Dropping it stops the source.
    pub pieces: S,
}
