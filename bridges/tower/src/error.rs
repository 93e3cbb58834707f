use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The error of layers that add one of their own, as tower has it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A request was turned away, because the service had no room for it; told by [`LoadShed`](crate::LoadShed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overloaded(());

impl Overloaded {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the service is overloaded and takes no more requests")
    }
}

impl Error for Overloaded {}

/// The service behind a [`Buffer`](crate::Buffer) has failed or is gone, and with it every request of every clone.
#[derive(Clone, Debug)]
pub struct ServiceError {
    cause: Option<Arc<BoxError>>,
}

impl ServiceError {
    pub(crate) fn failed(cause: BoxError) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
        }
    }

    pub(crate) fn gone() -> Self {
        Self { cause: None }
    }

    /// Tells whether the buffer's task is gone: it was aborted with its runtime, or the service panicked.
    pub fn is_gone(&self) -> bool {
        self.cause.is_none()
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "the buffered service failed: {cause}"),
            None => f.write_str(
                "the task of the buffered service is gone: its runtime has ended, or the service panicked",
            ),
        }
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Some(cause) => Some(&***cause),
            None => None,
        }
    }
}
