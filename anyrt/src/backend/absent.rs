//! A runtime that is not compiled in.

use std::future::Future;

use anyrt_core::{AnyRuntime, Config, LaunchError, NoRuntime};

use super::{Backend, Start};
use crate::select::Chosen;

/// Has no values.
#[derive(Clone, Copy, Debug)]
pub enum Compiled {}

pub(crate) const BACKEND: Option<Compiled> = None;

impl Backend for Compiled {
    type Owned = Self;
    type Local = Self;

    fn name(self) -> &'static str {
        match self {}
    }

    fn current(self) -> Result<AnyRuntime, NoRuntime> {
        match self {}
    }

    fn chosen(self) -> Chosen {
        match self {}
    }
}

impl Start for Compiled {
    type Handle = AnyRuntime;

    fn start(_: Config) -> Result<Self, LaunchError> {
        unreachable!(
            "nothing starts a runtime that is not compiled in: there is no value to say so with"
        )
    }

    fn handle(&self) -> AnyRuntime {
        match *self {}
    }

    fn drive<F: Future>(&self, _: F) -> F::Output {
        match *self {}
    }
}
