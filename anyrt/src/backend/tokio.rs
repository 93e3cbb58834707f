//! tokio as a backend of the entry points.

use anyrt_core::{AnyRuntime, Current, NoRuntime};
use anyrt_tokio::{Local, Owned, Tokio};

use super::Backend;
use crate::select::Chosen;

/// tokio.
#[derive(Clone, Copy, Debug)]
pub struct Compiled;

pub(crate) const BACKEND: Option<Compiled> = Some(Compiled);

impl Backend for Compiled {
    type Owned = Owned;
    type Local = Local;

    fn name(self) -> &'static str {
        "tokio"
    }

    fn current(self) -> Result<AnyRuntime, NoRuntime> {
        Tokio::try_current().map(AnyRuntime::new)
    }

    fn chosen(self) -> Chosen {
        Chosen::Tokio(self)
    }
}
