//! async-std as a backend of the entry points.

use std::future::Future;

use anyrt_async_std::{AsyncStd, Local};
use anyrt_core::{AnyRuntime, BlockOn, Config, Current, LaunchError, NoRuntime};

use super::{Backend, Start};
use crate::select::Chosen;

/// async-std.
#[derive(Clone, Copy, Debug)]
pub struct Compiled;

pub(crate) const BACKEND: Option<Compiled> = Some(Compiled);

impl Backend for Compiled {
    type Owned = Global;
    type Local = Local;

    fn name(self) -> &'static str {
        "async-std"
    }

    fn current(self) -> Result<AnyRuntime, NoRuntime> {
        AsyncStd::try_current().map(AnyRuntime::new)
    }

    fn chosen(self) -> Chosen {
        Chosen::AsyncStd(self)
    }
}

/// The runtime that async-std starts for the whole process at its first use and never ends.
#[derive(Debug)]
pub struct Global(AsyncStd);

impl Start for Global {
    type Handle = AsyncStd;

    fn start(config: Config) -> Result<Self, LaunchError> {
        // Nothing of it can be set from here.
        config.check("async-std", &[])?;
        Ok(Self(AsyncStd::global()))
    }

    fn handle(&self) -> AsyncStd {
        self.0.clone()
    }

    #[track_caller]
    fn drive<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
