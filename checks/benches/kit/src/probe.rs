//! What is told when a measured part begins and ends.

/// Told when a measured part begins and ends, on the thread that does the work.
pub trait Probe: Send + Sync + 'static {
    /// The measured part begins.
    fn begin(&self);
    /// The measured part has ended.
    fn end(&self);
}

/// Measures nothing: for warming up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Probe for Nothing {
    fn begin(&self) {}
    fn end(&self) {}
}
