//! The shared runtime of a backend that has local tasks alone: it is never there.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use anyrt_core::{AnyRuntime, BlockOn, Config, Launch, LaunchError};

use crate::program::backend::Backend;

/// Refuses to be launched, with the way out.
///
/// It has no value. So whatever asks the program's choice for a shared runtime is written once.
pub struct LocalOnly<B> {
    never: Infallible,
    backend: PhantomData<B>,
}

impl<B: Backend> Launch for LocalOnly<B> {
    type Handle = AnyRuntime;

    fn launch(_: Config) -> Result<Self, LaunchError> {
        Err(LaunchError::unusable(B::NAME, B::WAY_OUT))
    }

    fn handle(&self) -> AnyRuntime {
        match self.never {}
    }

    fn shutdown(self, _: Duration) {
        match self.never {}
    }
}

impl<B> BlockOn for LocalOnly<B> {
    fn block_on<F: Future>(&self, _: F) -> F::Output {
        match self.never {}
    }
}

impl<B> fmt::Debug for LocalOnly<B> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.never {}
    }
}
