//! smol as a backend of the entry points.

use anyrt_core::{AnyRuntime, Current, NoRuntime};
use anyrt_smol::{Local, Owned, Smol};

use super::Backend;
use crate::select::Chosen;

/// smol.
#[derive(Clone, Copy, Debug)]
pub struct Compiled;

pub(crate) const BACKEND: Option<Compiled> = Some(Compiled);

impl Backend for Compiled {
    type Owned = Owned;
    type Local = Local;

    fn name(self) -> &'static str {
        "smol"
    }

    fn current(self) -> Result<AnyRuntime, NoRuntime> {
        Smol::try_current().map(AnyRuntime::new)
    }

    fn chosen(self) -> Chosen {
        Chosen::Smol(self)
    }
}
