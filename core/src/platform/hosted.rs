//! Targets with the standard library.

use alloc::boxed::Box;
use core::any::Any;
use std::sync::{Mutex, PoisonError};

pub(crate) use std::io::Error as SystemError;
pub(crate) use std::panic::resume_unwind;

/// The payload of a panic. The mutex is never contended: it makes a payload that is only `Send` part of an error that is `Sync`.
pub(crate) struct Payload(Mutex<Box<dyn Any + Send>>);

impl Payload {
    #[inline]
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        Self(Mutex::new(payload))
    }

    pub(crate) fn into_inner(self) -> Box<dyn Any + Send> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&(dyn Any + Send)) -> T) -> T {
        read(&**self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Implements `Enter` for an erased runtime, with a thread-local.
macro_rules! enter {
    ($runtime:ident, $slot:ident) => {
        std::thread_local! {
            static $slot: core::cell::RefCell<Option<$runtime>> = const { core::cell::RefCell::new(None) };
        }

        impl Enter for $runtime {
            #[inline]
            fn swap(runtime: Option<Self>) -> Option<Self> {
                // A thread that is ending has no locals left, and nothing on it looks up a runtime.
                $slot
                    .try_with(|current| current.replace(runtime))
                    .ok()
                    .flatten()
            }

            fn entered() -> Option<Self> {
                $slot
                    .try_with(|current| current.borrow().clone())
                    .ok()
                    .flatten()
            }
        }
    };
}
pub(crate) use enter;
