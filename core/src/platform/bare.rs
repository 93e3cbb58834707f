//! Targets without an operating system.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::any::Any;

/// The system refuses nothing where there is none.
pub(crate) use core::convert::Infallible as SystemError;

/// The text of a panic's payload. Panics do not unwind on these targets, so payloads are made by hand, and without a mutex a
/// payload that is only `Send` cannot be part of an error that is `Sync`.
pub(crate) struct Payload(Option<String>);

impl Payload {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        Self(text.or_else(|| payload.downcast_ref::<String>().cloned()))
    }

    pub(crate) fn into_inner(self) -> Box<dyn Any + Send> {
        match self.0 {
            Some(text) => Box::new(text),
            None => Box::new(()),
        }
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&(dyn Any + Send)) -> T) -> T {
        match &self.0 {
            Some(text) => read(text),
            None => read(&()),
        }
    }
}

pub(crate) fn resume_unwind(payload: Box<dyn Any + Send>) -> ! {
    match payload.downcast_ref::<String>() {
        Some(text) => panic!("{text}"),
        None => panic!("a task panicked"),
    }
}

/// Implements `Enter` for an erased runtime. There are no thread-locals: what is entered is not found.
macro_rules! enter {
    ($runtime:ident, $slot:ident) => {
        impl Enter for $runtime {
            #[inline]
            fn swap(runtime: Option<Self>) -> Option<Self> {
                // Returned as it came, so that whoever entered keeps it.
                runtime
            }

            fn entered() -> Option<Self> {
                None
            }
        }
    };
}
pub(crate) use enter;
